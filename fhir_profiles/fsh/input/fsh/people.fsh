// Systems of HL7 China: resident identity number 身份证, social security card 社保卡.
Alias: $RESIDENT = urn:oid:2.16.840.1.113883.2.23.1.19.1
Alias: $SOCIAL = urn:oid:2.16.840.1.113883.2.23.1.19.2

Profile: ElderPatient
Parent: Patient
Id: elder-patient
Title: "老年人"
Description: "A person in the care of a street."
* insert Ours
* identifier 1..*
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains resident 0..1 and social 0..1
* identifier[resident].system = $RESIDENT
* identifier[resident].value 1..1
* identifier[resident] obeys resident-form and resident-digit
* identifier[social].system = $SOCIAL
* identifier[social].value 1..1
* name 1..*
* gender 1..1
* birthDate 1..1
* obeys resident-birth

Invariant: resident-form
Description: "A resident identity number has 17 digits and a digit or X."
Severity: #error
Expression: "value.matches('^[1-9][0-9]{16}[0-9X]$')"

Invariant: resident-digit
Description: "The last place of a resident identity number is its check digit (GB 11643)."
Severity: #error
Expression: "value.matches('^[1-9][0-9]{16}[0-9X]$').not() or '10X98765432'.substring((value.substring(0,1).toInteger() * 7 + value.substring(1,1).toInteger() * 9 + value.substring(2,1).toInteger() * 10 + value.substring(3,1).toInteger() * 5 + value.substring(4,1).toInteger() * 8 + value.substring(5,1).toInteger() * 4 + value.substring(6,1).toInteger() * 2 + value.substring(7,1).toInteger() * 1 + value.substring(8,1).toInteger() * 6 + value.substring(9,1).toInteger() * 3 + value.substring(10,1).toInteger() * 7 + value.substring(11,1).toInteger() * 9 + value.substring(12,1).toInteger() * 10 + value.substring(13,1).toInteger() * 5 + value.substring(14,1).toInteger() * 8 + value.substring(15,1).toInteger() * 4 + value.substring(16,1).toInteger() * 2) mod 11, 1) = value.substring(17,1)"

Invariant: resident-birth
Description: "The birth date is the one in the resident identity number."
Severity: #error
Expression: "identifier.where(system = 'urn:oid:2.16.840.1.113883.2.23.1.19.1').all(value.substring(6, 4) & '-' & value.substring(10, 2) & '-' & value.substring(12, 2) = %resource.birthDate)"

Profile: LicensedPractitioner
Parent: Practitioner
Id: licensed-practitioner
Title: "持证人员"
Description: "A member of staff with what they are licensed to do, and until when."
* insert Ours
* name 1..*
* qualification 1..*
* qualification.code from LicenceSet (required)
* qualification.identifier 1..*
* qualification.period 1..1
* qualification.period.start 1..1
* qualification.period.end 1..1

Profile: BookableRole
Parent: PractitionerRole
Id: bookable-role
Title: "可排班人员"
Description: "One bookable, licensed person of an organisation: role, licence, place and shifts."
* insert Ours
* extension contains TravelModeExtension named travelMode 0..1
* active 1..1
* practitioner 1..1
* practitioner only Reference(LicensedPractitioner)
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains licence 0..1
* identifier[licence].system = "https://carecoord.example/fhir/sid/licence"
* identifier[licence].value 1..1
* organization 1..1
* code 1..1
* code from StaffRoleSet (required)
* availableTime.availableStartTime 1..1
* availableTime.availableEndTime 1..1
