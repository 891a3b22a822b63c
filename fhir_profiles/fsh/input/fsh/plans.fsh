Profile: IntegratedCarePlan
Parent: CarePlan
Id: integrated-care-plan
Title: "医养整合照护计划"
Description: "The one plan of a person; its part plans belong to programmes."
* insert Ours
* intent = #plan
* category 1..1
* category.coding 1..1
* category.coding.system 1..1
* category.coding.system = "https://carecoord.example/fhir/CodeSystem/plan-category"
* category.coding.code 1..1
* category.coding.code = #integrated
* partOf 0..0
* subject only Reference(Patient)
* period 1..1
* period.start 1..1
* activity.detail.code 1..1
* activity.detail.extension contains
    VisitGroup named visitGroup 0..1 and
    VisitWindow named visitWindow 0..* and
    VisitMinutes named visitMinutes 0..1 and
    VisitPriority named visitPriority 0..1 and
    Carers named carers 0..1 and
    ProgrammeExtension named programme 0..1 and
    PerformerLevelExtension named performerLevel 0..1
* activity.detail obeys activity-timing

Invariant: activity-timing
Description: "A service that is to be done says how often."
Severity: #error
Expression: "status in ('not-started' | 'scheduled' | 'in-progress') implies scheduled.exists()"

Profile: PartCarePlan
Parent: CarePlan
Id: part-care-plan
Title: "分项计划"
Description: "What one programme (family bed, home hospital bed, insurance) adds to the integrated plan."
* insert Ours
* intent = #plan
* partOf 1..1
* category 1..*
* category ^slicing.discriminator.type = #value
* category ^slicing.discriminator.path = "coding.system"
* category ^slicing.rules = #open
* category contains part 0..1 and programme 0..1
* category[part].coding.system = "https://carecoord.example/fhir/CodeSystem/plan-category"
* category[part].coding.code 1..1
* category[part].coding.code = #programme
* category[programme].coding.system = "https://carecoord.example/fhir/CodeSystem/programme"
* category[programme] from ProgrammeSet (required)
* subject only Reference(Patient)
* period 1..1

RuleSet: BedPlan(programme)
* insert Ours
* category[part] 1..1
* category[programme] 1..1
* category[programme].coding.code 1..1
* category[programme].coding.code = #{programme}
* author 1..1
* author only Reference(Organization)
* obeys names-bed

Invariant: names-bed
Description: "The plan of a bed names the bed."
Severity: #error
Expression: "supportingInfo.reference.where(contains('EpisodeOfCare/')).exists()"

Profile: FamilyBedPlan
Parent: PartCarePlan
Id: family-bed-plan
Title: "家庭养老床位分项计划"
Description: "What a family bed adds to the integrated plan."
* insert BedPlan(family-bed)

Profile: HomeHospitalBedPlan
Parent: PartCarePlan
Id: home-hospital-bed-plan
Title: "家庭病床分项计划"
Description: "What a home hospital bed adds to the integrated plan."
* insert BedPlan(home-hospital-bed)

Profile: VisitAppointment
Parent: Appointment
Id: visit-appointment
Title: "上门服务预约"
Description: "One visit at home: when, to whom, by whom."
* insert Ours
* start 1..1
* end 1..1
* participant 2..*
* participant.actor 1..1
* obeys visit-elder and visit-order

Invariant: visit-elder
Description: "A visit names exactly one patient."
Severity: #error
Expression: "participant.actor.reference.where(contains('Patient/')).count() = 1"

Invariant: visit-order
Description: "A visit ends after it starts."
Severity: #error
Expression: "start < end"
