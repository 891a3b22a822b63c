RuleSet: Bed(kind)
* insert Ours
* type 1..1
* type.coding 1..1
* type.coding.system 1..1
* type.coding.system = "https://carecoord.example/fhir/CodeSystem/bed-kind"
* type.coding.code 1..1
* type.coding.code = #{kind}
* managingOrganization 1..1
* obeys bed-period

Invariant: bed-period
Description: "A bed in use says since when."
Severity: #error
Expression: "status in ('active' | 'onhold' | 'finished') implies period.start.exists()"

Profile: HomeHospitalBed
Parent: EpisodeOfCare
Id: home-hospital-bed
Title: "家庭病床"
Description: "A home hospital bed: medical care at home under a health centre."
* insert Bed(home-hospital-bed)
* referralRequest only Reference(ServiceRequest)
* obeys bed-closed

Invariant: bed-closed
Description: "A bed that was closed says when."
Severity: #error
Expression: "status = 'finished' implies period.end.exists()"

Profile: FamilyBed
Parent: EpisodeOfCare
Id: family-bed
Title: "家庭养老床位"
Description: "A family bed: institutional care at home under a care station."
* insert Bed(family-bed)
* obeys bed-closed
