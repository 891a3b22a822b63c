// What the steps of a bed leave in its EpisodeOfCare, and what a stay in hospital leaves in plans.

CodeSystem: BedState
Id: bed-state
Title: "床位状态"
Description: "Where a bed at home stands; finer than EpisodeOfCare.status."
* insert List
* #applied "已申请"
* #screened "已审核"
* #home_visited "已入户"
* #opened "已建床"
* #active "在床"
* #suspended "暂停"
* #resume_review "出院待复核"
* #closing "撤床中"
* #closed "已撤床"
* #rejected "未通过"
* #cancelled "已取消"
* insert English(applied, applied for)
* insert English(screened, screened)
* insert English(home_visited, home visited)
* insert English(opened, opened)
* insert English(active, in use)
* insert English(suspended, suspended)
* insert English(resume_review, review after discharge)
* insert English(closing, closing)
* insert English(closed, closed)
* insert English(rejected, rejected)
* insert English(cancelled, cancelled)

ValueSet: BedStateSet
Id: bed-state
Title: "床位状态"
* insert Set
* include codes from system BedState

Extension: BedStateExtension
Id: bed-state
Title: "床位状态"
Context: EpisodeOfCare
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from BedStateSet (required)

Extension: BedStep
Id: bed-step
Title: "床位步骤"
Context: EpisodeOfCare
* insert Ours
* extension contains state 1..1 and at 1..1
* extension[state].value[x] only code
* extension[state].value[x] 1..1
* extension[state].value[x] from BedStateSet (required)
* extension[at].value[x] only dateTime
* extension[at].value[x] 1..1

Extension: BedCycle
Id: bed-cycle
Title: "建床周期"
Context: EpisodeOfCare
* insert Ours
* value[x] only Period
* value[x] 1..1

Extension: BedReason
Id: bed-reason
Title: "暂停或撤床原因"
Context: EpisodeOfCare
* insert Ours
* value[x] only code
* value[x] 1..1

Extension: BedStable
Id: bed-stable
Title: "病情稳定"
Context: EpisodeOfCare
* insert Ours
* value[x] only boolean
* value[x] 1..1

Extension: LinkedBed
Id: linked-bed
Title: "联动床位"
Context: EpisodeOfCare
* insert Ours
* value[x] only Reference(EpisodeOfCare)
* value[x] 1..1

Extension: BedCapacity
Id: bed-capacity
Title: "核定床位数"
Context: Organization
* insert Ours
* extension contains kind 1..1 and beds 1..1
* extension[kind].value[x] only code
* extension[kind].value[x] 1..1
* extension[kind].value[x] from BedKindSet (required)
* extension[beds].value[x] only unsignedInt
* extension[beds].value[x] 1..1

Extension: HoldReason
Id: hold-reason
Title: "计划暂停原因"
Context: CarePlan
* insert Ours
* value[x] only code
* value[x] 1..1
