curl -s -X POST BASE/Patient \
  -H 'Content-Type: application/fhir+json' \
  -d '{"resourceType":"Patient",
       "identifier":[{"system":"urn:example:card","value":"1"}],
       "name":[{"text":"王秀英"}],
       "birthDate":"1940-05-01"}'

curl -s 'BASE/Patient?identifier=urn:example:card|1&birthdate=1940'

curl -s -X POST 'BASE/Patient/$validate' \
  -H 'Content-Type: application/fhir+json' \
  -H 'Accept-Language: LANGUAGE' \
  -d '{"resourceType":"Patient","birthDate":"1940-02-30"}'
