// Facts that R4 has no element for. docs/fhir-mapping.md says what reads them.

RuleSet: Ours
* ^status = #active
* ^experimental = false

Extension: TravelModeExtension
Id: travel-mode
Title: "出行方式"
Context: PractitionerRole
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from TravelModeSet (required)

Extension: Dwelling
Id: dwelling
Title: "楼层与电梯"
Context: Address
* insert Ours
* extension contains floor 0..1 and lift 0..1 and note 0..1
* extension[floor].value[x] only integer
* extension[lift].value[x] only boolean
* extension[note].value[x] only string

Extension: VisitGroup
Id: visit-group
Title: "同一次上门"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only string
* value[x] 1..1

Extension: ShiftBreak
Id: shift-break
Title: "班中休息"
Context: PractitionerRole.availableTime
* insert Ours
* extension contains start 1..1 and end 0..1 and minutes 0..1
* extension[start].value[x] only time
* extension[start].value[x] 1..1
* extension[end].value[x] only time
* extension[end].value[x] 1..1
* extension[minutes].value[x] only positiveInt
* extension[minutes].value[x] 1..1

Extension: OvertimeMinutes
Id: overtime-minutes
Title: "同意的每日加班分钟"
Context: PractitionerRole
* insert Ours
* value[x] only unsignedInt
* value[x] 1..1

Extension: VisitWindow
Id: visit-window
Title: "上门时段"
Context: CarePlan.activity.detail
* insert Ours
* extension contains start 1..1 and end 1..1 and after-midnight 0..1
* extension[start].value[x] only time
* extension[start].value[x] 1..1
* extension[end].value[x] only time
* extension[end].value[x] 1..1
* extension[after-midnight].value[x] only boolean
* extension[after-midnight].value[x] 1..1

Extension: VisitMinutes
Id: visit-minutes
Title: "上门最短分钟"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only positiveInt
* value[x] 1..1

Extension: VisitPriority
Id: visit-priority
Title: "上门优先级"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only positiveInt
* value[x] 1..1
* obeys priority-range

Invariant: priority-range
Description: "A priority is a number from 1 to 9."
Severity: #error
Expression: "value >= 1 and value <= 9"

Extension: Carers
Id: carers
Title: "同时上门人数"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only positiveInt
* value[x] 1..1

Extension: ProgrammeExtension
Id: programme
Title: "服务项目来源"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from ProgrammeSet (required)

Extension: PerformerLevelExtension
Id: performer-level
Title: "服务等级"
Context: CarePlan.activity.detail
* insert Ours
* value[x] only code
* value[x] 1..1
* value[x] from PerformerLevelSet (required)
