Profile: SharingConsent
Parent: Consent
Id: sharing-consent
Title: "医养信息共享同意书"
Description: "Consent to share records between medical and civil affairs providers."
* insert Ours
* scope = http://terminology.hl7.org/CodeSystem/consentscope#patient-privacy
* patient 1..1
* dateTime 1..1
* performer 1..*
* organization 1..*
* provision 1..1
* provision.type 1..1
* provision.period 1..1
* provision.actor 1..*
* provision.actor.reference only Reference(Organization or PractitionerRole or Practitioner or CareTeam)

Profile: ElderCoverage
Parent: Coverage
Id: elder-coverage
Title: "支付资格"
Description: "Who pays for a person's care: medical insurance, long-term care insurance, civil affairs, or the person."
* insert Ours
* type 1..1
* type from PayerSet (required)
* beneficiary only Reference(Patient)
* period 1..1
* period.start 1..1
* payor 1..1
* obeys self-pays

Invariant: self-pays
Description: "Who pays for oneself is a person, not an organisation."
Severity: #error
Expression: "type.coding.where(code = 'self').exists() implies payor.reference.all(contains('Organization/').not())"
