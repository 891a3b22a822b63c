// Codes that the engine itself writes or reads. tests/fhir_profiles/test_own_urls.py compares them with it.

CodeSystem: ChangeEvent
Id: change-event
Title: "触发重新评估的变化"
Description: "What happened to a person that may end the use of an assessment."
* insert List
* #hospital_discharge "出院"
* #stroke "脑卒中"
* #fracture "骨折"
* #new_dementia "新诊断痴呆"
* #fall "跌倒"
* #tube_or_stoma "置管或造口"
* #pressure_injury "压力性损伤"
* #recovery "明显好转"
* #carer_lost "失去照护者"
* #condition_changed "状况变化"
* insert English(hospital_discharge, discharged from hospital)
* insert English(stroke, stroke)
* insert English(fracture, fracture)
* insert English(new_dementia, dementia newly diagnosed)
* insert English(fall, fall)
* insert English(tube_or_stoma, tube or stoma)
* insert English(pressure_injury, pressure injury)
* insert English(recovery, recovery)
* insert English(carer_lost, carer lost)
* insert English(condition_changed, condition changed)

ValueSet: ChangeEventSet
Id: change-event
Title: "触发重新评估的变化"
* insert Set
* include codes from system ChangeEvent

CodeSystem: OwnTask
Id: task
Title: "任务种类"
Description: "What a Task of this engine asks for, beside referrals."
* insert List
* #confirm-notice "确认已阅通知"
* #assessment-dispute "评估结果异议"
* insert English(confirm-notice, confirm that a notice was read)
* insert English(assessment-dispute, dispute of an assessment)

ValueSet: OwnTaskSet
Id: task
Title: "任务种类"
* insert Set
* include codes from system OwnTask

CodeSystem: CareTeamRole
Id: care-team-role
Title: "照护团队角色"
Description: "What somebody does in a care team."
* insert List
* #coordinator "照护协调员"
* #doctor "医生"
* #nurse "护士"
* #caregiver "养老护理员"
* #family-carer "家庭照护者"
* #organization "服务机构"
* insert English(coordinator, care coordinator)
* insert English(doctor, doctor)
* insert English(nurse, nurse)
* insert English(caregiver, caregiver)
* insert English(family-carer, family carer)
* insert English(organization, organisation)

ValueSet: CareTeamRoleSet
Id: care-team-role
Title: "照护团队角色"
* insert Set
* include codes from system CareTeamRole

CodeSystem: PlanChange
Id: plan-change
Title: "计划变更原因"
Description: "Why a task of a plan is not done."
* insert List
* #duplicate "其他项目已安排"
* insert English(duplicate, done by another programme)

ValueSet: PlanChangeSet
Id: plan-change
Title: "计划变更原因"
* insert Set
* include codes from system PlanChange

CodeSystem: Deed
Id: activity
Title: "处理动作"
Description: "What was done to a version of a resource, as its Provenance says."
* insert List
* #bed-applied "申请床位"
* #bed-screened "审核床位"
* #bed-home-visited "入户查看"
* #bed-opened "建床"
* #bed-active "床位启用"
* #bed-suspended "暂停床位"
* #bed-resume-review "出院待复核"
* #bed-closing "撤床"
* #bed-closed "撤床完成"
* #bed-rejected "不予建床"
* #bed-cancelled "取消申请"
* #bed-extended "延长周期"
* #bed-stability "病情稳定与否"
* #bed-linked "联动床位"
* #bed-round "查床"
* #bed-senior-round "上级医师查床"
* #bed-nurse-visit "护士上门"
* #bed-review-call "月度电话"
* #bed-review-home "入户复核"
* #beds-licensed "核定床位数"
* #plan-signed "签署计划"
* #plan-replaced "计划被替换"
* #plan-task-added "增加任务"
* #plan-task-changed "更改任务"
* #plan-task-ended "结束任务"
* #plan-order "上门先后"
* #plan-family "家庭照护"
* #plan-on-hold "暂停计划"
* #plan-resumed "恢复计划"
* #plan-stopped "停止计划"
* #plan-tasks-held "暂停任务"
* #plan-tasks-resumed "恢复任务"
* #plan-tasks-stopped "停止任务"
* #referral-draft "转诊草稿"
* #referral-requested "转诊已发出"
* #referral-received "转诊已收到"
* #referral-awaiting-information "转诊待补充信息"
* #referral-accepted "转诊已接收"
* #referral-in-progress "转诊办理中"
* #referral-on-hold "转诊暂停"
* #referral-completed "转诊已完成"
* #referral-failed "转诊未能完成"
* #referral-rejected "转诊已拒绝"
* #referral-cancelled "转诊已撤回"
* #referral-expired "转诊逾期未答复"
* #abort-requested "请求撤回"
* #abort-answered "答复撤回"
* #assessment-opened "开始评估"
* #assessment-recognised "互认评估"
* #issue-open "问题待处理"
* #issue-acknowledged "问题已知悉"
* #issue-resolved "问题已解决"
* #issue-dismissed "问题不成立"
* #issue-closed "问题已消失"
* #notice-confirmed "确认通知"
* #stay-admitted "入院"
* #stay-discharged "出院"
* #person-died "去世"
* #stopped-by-death "因去世终止"
* #person-merged "合并档案"
* #person-unmerged "撤销合并"
* insert English(bed-applied, bed applied for)
* insert English(bed-screened, bed screened)
* insert English(bed-home-visited, home visited)
* insert English(bed-opened, bed opened)
* insert English(bed-active, bed in use)
* insert English(bed-suspended, bed suspended)
* insert English(bed-resume-review, review after discharge)
* insert English(bed-closing, bed closing)
* insert English(bed-closed, bed closed)
* insert English(bed-rejected, bed refused)
* insert English(bed-cancelled, application cancelled)
* insert English(bed-extended, cycle extended)
* insert English(bed-stability, stability noted)
* insert English(bed-linked, beds linked)
* insert English(bed-round, round)
* insert English(bed-senior-round, senior round)
* insert English(bed-nurse-visit, nurse visit)
* insert English(bed-review-call, review by telephone)
* insert English(bed-review-home, review at home)
* insert English(beds-licensed, number of beds licensed)
* insert English(plan-signed, plan signed)
* insert English(plan-replaced, plan replaced)
* insert English(plan-task-added, task added)
* insert English(plan-task-changed, task changed)
* insert English(plan-task-ended, task ended)
* insert English(plan-order, order of visits)
* insert English(plan-family, care by the family)
* insert English(plan-on-hold, plan on hold)
* insert English(plan-resumed, plan resumed)
* insert English(plan-stopped, plan stopped)
* insert English(plan-tasks-held, tasks held)
* insert English(plan-tasks-resumed, tasks resumed)
* insert English(plan-tasks-stopped, tasks stopped)
* insert English(referral-draft, referral draft)
* insert English(referral-requested, referral requested)
* insert English(referral-received, referral received)
* insert English(referral-awaiting-information, referral awaiting information)
* insert English(referral-accepted, referral accepted)
* insert English(referral-in-progress, referral under way)
* insert English(referral-on-hold, referral on hold)
* insert English(referral-completed, referral completed)
* insert English(referral-failed, referral failed)
* insert English(referral-rejected, referral rejected)
* insert English(referral-cancelled, referral withdrawn)
* insert English(referral-expired, referral not answered in time)
* insert English(abort-requested, abort asked for)
* insert English(abort-answered, abort answered)
* insert English(assessment-opened, assessment opened)
* insert English(assessment-recognised, assessment recognised)
* insert English(issue-open, finding open)
* insert English(issue-acknowledged, finding acknowledged)
* insert English(issue-resolved, finding resolved)
* insert English(issue-dismissed, finding dismissed)
* insert English(issue-closed, finding gone)
* insert English(notice-confirmed, notice confirmed)
* insert English(stay-admitted, admitted to hospital)
* insert English(stay-discharged, discharged)
* insert English(person-died, died)
* insert English(stopped-by-death, ended by death)
* insert English(person-merged, records joined)
* insert English(person-unmerged, records parted)

ValueSet: DeedSet
Id: activity
Title: "处理动作"
* insert Set
* include codes from system Deed

CodeSystem: Notice
Id: notice
Title: "通知种类"
Description: "What people are told."
* insert List
* #notice.opened "已建床"
* #notice.closed "已撤床"
* #notice.suspended "床位暂停"
* #notice.resumed "床位恢复"
* #notice.review "待复核"
* #notice.hospital "入院"
* #notice.died "去世"
* #notice.overlap "与住院重叠"
* #notice.referral-reminder "转诊待办提醒"
* #notice.referral-overdue "转诊逾期"
* insert English(notice.opened, a bed was opened)
* insert English(notice.closed, a bed was closed)
* insert English(notice.suspended, a bed was suspended)
* insert English(notice.resumed, a bed was resumed)
* insert English(notice.review, a review is due)
* insert English(notice.hospital, in hospital)
* insert English(notice.died, died)
* insert English(notice.overlap, overlap with a stay in hospital)
* insert English(notice.referral-reminder, a referral is waiting)
* insert English(notice.referral-overdue, a referral is overdue)

ValueSet: NoticeSet
Id: notice
Title: "通知种类"
* insert Set
* include codes from system Notice

CodeSystem: DetectedIssue
Id: detected-issue
Title: "重复、遗漏与错配"
Description: "What the detectors find."
* insert List
* #duplicate.person "人员重复"
* #duplicate.assessment "重复评估"
* #duplicate.item "重复安排"
* #duplicate.payer "重复支付"
* #omission.unserved "享受待遇而无服务"
* #omission.bed "有床无上门"
* #omission.order "医嘱未入计划"
* #omission.follow_up "漏访未跟进"
* #omission.strand "医养缺一"
* #mismatch.above "服务超出需求"
* #mismatch.below "需求无服务"
* #mismatch.hours "时长与待遇不符"
* #mismatch.performer "人员等级不符"
* #mismatch.window "时段从未兑现"
* insert English(duplicate.person, the same person twice)
* insert English(duplicate.assessment, assessed twice)
* insert English(duplicate.item, the same item twice)
* insert English(duplicate.payer, two payers)
* insert English(omission.unserved, entitled and unserved)
* insert English(omission.bed, a bed without visits)
* insert English(omission.order, an order not in the plan)
* insert English(omission.follow_up, a missed visit not followed up)
* insert English(omission.strand, one strand has nothing planned)
* insert English(mismatch.above, more than is needed)
* insert English(mismatch.below, needs without an item)
* insert English(mismatch.hours, hours beside the entitlement)
* insert English(mismatch.performer, wrong performer level)
* insert English(mismatch.window, a window never met)

ValueSet: DetectedIssueSet
Id: detected-issue
Title: "重复、遗漏与错配"
* insert Set
* include codes from system DetectedIssue

CodeSystem: IssueEvidence
Id: issue-evidence
Title: "问题依据"
Description: "What a finding rests on."
* insert List
* #evidence.above "超出部分"
* #evidence.agrees "吻合之处"
* #evidence.assessed "评估"
* #evidence.bed "床位"
* #evidence.bill "账单"
* #evidence.last_visit "最近上门"
* #evidence.level "等级"
* #evidence.missed "漏访"
* #evidence.order "医嘱"
* #evidence.performer "人员"
* #evidence.start "开始时间"
* #evidence.task "计划任务"
* #evidence.visit "上门"
* #evidence.week_minutes "每周分钟"
* #evidence.week_visits "每周次数"
* insert English(evidence.above, what is above)
* insert English(evidence.agrees, what agrees)
* insert English(evidence.assessed, an assessment)
* insert English(evidence.bed, a bed)
* insert English(evidence.bill, a bill)
* insert English(evidence.last_visit, the last visit)
* insert English(evidence.level, a level)
* insert English(evidence.missed, a missed visit)
* insert English(evidence.order, an order)
* insert English(evidence.performer, a performer)
* insert English(evidence.start, a start)
* insert English(evidence.task, a task)
* insert English(evidence.visit, a visit)
* insert English(evidence.week_minutes, minutes a week)
* insert English(evidence.week_visits, visits a week)

ValueSet: IssueEvidenceSet
Id: issue-evidence
Title: "问题依据"
* insert Set
* include codes from system IssueEvidence

CodeSystem: IssueState
Id: issue-state
Title: "问题状态"
Description: "Where a finding stands."
* insert List
* #open "待处理"
* #acknowledged "已知悉"
* #resolved "已解决"
* #dismissed "不成立"
* #closed "已消失"
* insert English(open, open)
* insert English(acknowledged, acknowledged)
* insert English(resolved, resolved)
* insert English(dismissed, dismissed)
* insert English(closed, gone)

ValueSet: IssueStateSet
Id: issue-state
Title: "问题状态"
* insert Set
* include codes from system IssueState

CodeSystem: IssueAction
Id: issue-action
Title: "问题处理"
Description: "What was done about a finding."
* insert List
* #reopened "再次出现"
* #acknowledged "已知悉"
* #resolved "已解决"
* #dismissed "不成立"
* #closed "已消失"
* insert English(reopened, came back)
* insert English(acknowledged, acknowledged)
* insert English(resolved, resolved)
* insert English(dismissed, dismissed)
* insert English(closed, gone)

ValueSet: IssueActionSet
Id: issue-action
Title: "问题处理"
* insert Set
* include codes from system IssueAction

CodeSystem: OnHold
Id: hold-reason
Title: "暂停原因"
Description: "Why a plan or a task is on hold."
* insert List
* #bed-suspended "床位暂停"
* #hospital_stay "住院"
* #away "外出"
* #family_request "家属要求"
* #unsafe_home "居家不安全"
* insert English(bed-suspended, the bed is suspended)
* insert English(hospital_stay, in hospital)
* insert English(away, away)
* insert English(family_request, the family asks for it)
* insert English(unsafe_home, the home is not safe)

ValueSet: OnHoldSet
Id: hold-reason
Title: "暂停原因"
* insert Set
* include codes from system OnHold

CodeSystem: BedRound
Id: bed-round
Title: "查床种类"
Description: "What was done at, or for, a bed."
* insert List
* #round "查床"
* #senior_round "上级医师查床"
* #nurse_visit "护士上门"
* #review_call "月度电话"
* #review_home "入户复核"
* insert English(round, round)
* insert English(senior_round, senior round)
* insert English(nurse_visit, nurse visit)
* insert English(review_call, review by telephone)
* insert English(review_home, review at home)

ValueSet: BedRoundSet
Id: bed-round
Title: "查床种类"
* insert Set
* include codes from system BedRound

CodeSystem: ReferralState
Id: referral-state
Title: "转诊状态"
Description: "Where a referral stands; finer than Task.status."
* insert List
* #draft "草稿"
* #requested "已发出"
* #received "已收到"
* #awaiting-information "待补充信息"
* #accepted "已接收"
* #in-progress "办理中"
* #on-hold "暂停"
* #completed "已完成"
* #failed "未能完成"
* #rejected "已拒绝"
* #cancelled "已撤回"
* #expired "逾期未答复"
* insert English(draft, draft)
* insert English(requested, requested)
* insert English(received, received)
* insert English(awaiting-information, awaiting information)
* insert English(accepted, accepted)
* insert English(in-progress, under way)
* insert English(on-hold, on hold)
* insert English(completed, completed)
* insert English(failed, failed)
* insert English(rejected, rejected)
* insert English(cancelled, withdrawn)
* insert English(expired, not answered in time)

ValueSet: ReferralStateSet
Id: referral-state
Title: "转诊状态"
* insert Set
* include codes from system ReferralState

CodeSystem: ReferralReason
Id: referral-reason
Title: "转诊原因代码"
Description: "Why a referral was rejected, held, failed, withdrawn or sent elsewhere."
* insert List
* #no-capability "无相应能力"
* #no-capacity "无接收能力"
* #out-of-area "不在辖区"
* #no-consent "未同意"
* #incomplete "资料不全"
* #readmitted "再次住院"
* #died "去世"
* #family-choice "家属另选"
* #not-needed "不再需要"
* #expired "逾期未答复"
* #other "其他"
* insert English(no-capability, no capability)
* insert English(no-capacity, no capacity)
* insert English(out-of-area, out of the area)
* insert English(no-consent, no consent)
* insert English(incomplete, incomplete)
* insert English(readmitted, readmitted)
* insert English(died, died)
* insert English(family-choice, the family chose otherwise)
* insert English(not-needed, not needed any more)
* insert English(expired, not answered in time)
* insert English(other, other)

ValueSet: ReferralReasonSet
Id: referral-reason
Title: "转诊原因代码"
* insert Set
* include codes from system ReferralReason

CodeSystem: ReferralOutput
Id: referral-output
Title: "转诊产出"
Description: "What came of a referral; a sender may name kinds of its own."
* insert List
* #feedback "反馈"
* #slip "回转单"
* #plan "照护计划"
* #bed "床位"
* insert English(feedback, feedback)
* insert English(slip, return slip)
* insert English(plan, care plan)
* insert English(bed, bed)

ValueSet: ReferralOutputSet
Id: referral-output
Title: "转诊产出"
* insert Set
* include codes from system ReferralOutput

CodeSystem: ReferralInput
Id: referral-input
Title: "转诊附件"
Description: "What goes along with a referral."
* insert List
* #pack "转诊资料"
* insert English(pack, the pack of an up-referral)

ValueSet: ReferralInputSet
Id: referral-input
Title: "转诊附件"
* insert Set
* include codes from system ReferralInput

CodeSystem: ReferralSlip
Id: referral-slip
Title: "转诊单种类"
Description: "Kinds of slip."
* insert List
* #out "转出单"
* #return "回转单"
* insert English(out, out slip)
* insert English(return, return slip)

ValueSet: ReferralSlipSet
Id: referral-slip
Title: "转诊单种类"
* insert Set
* include codes from system ReferralSlip

CodeSystem: ReferralSlipField
Id: referral-slip-field
Title: "转诊单字段"
Description: "Fields of the two slips."
* insert List
* #name "姓名"
* #sex "性别"
* #age "年龄"
* #archive_no "档案编号"
* #address "家庭住址"
* #phone "联系电话"
* #date "日期"
* #to_unit "转入单位"
* #to_department "转入科室"
* #to_doctor "接诊医生"
* #referring_doctor_signature "转诊医生签字"
* #to_institution "转入机构"
* #from_institution "转出机构"
* #first_impression "初步印象"
* #present_illness "主要现病史"
* #past_history "主要既往史"
* #treatment "治疗经过"
* #doctor_signature "医生签字"
* #inpatient_no "住院号"
* #diagnosis "诊断"
* #key_results "主要检查结果"
* #next_plan_and_rehab "下一步治疗方案及康复建议"
* #doctor "医生"
* insert English(name, name)
* insert English(sex, sex)
* insert English(age, age)
* insert English(archive_no, archive number)
* insert English(address, address)
* insert English(phone, telephone)
* insert English(date, date)
* insert English(to_unit, to unit)
* insert English(to_department, to department)
* insert English(to_doctor, to doctor)
* insert English(referring_doctor_signature, referring doctor's signature)
* insert English(to_institution, to institution)
* insert English(from_institution, from institution)
* insert English(first_impression, first impression)
* insert English(present_illness, present illness)
* insert English(past_history, past history)
* insert English(treatment, treatment)
* insert English(doctor_signature, doctor's signature)
* insert English(inpatient_no, inpatient number)
* insert English(diagnosis, diagnosis)
* insert English(key_results, key results)
* insert English(next_plan_and_rehab, next plan and rehabilitation)
* insert English(doctor, doctor)

ValueSet: ReferralSlipFieldSet
Id: referral-slip-field
Title: "转诊单字段"
* insert Set
* include codes from system ReferralSlipField

CodeSystem: ReferralNote
Id: referral-note
Title: "转诊留言种类"
Description: "Kinds of remark on a referral."
* insert List
* #question "询问"
* #answer "答复"
* #remark "备注"
* insert English(question, question)
* insert English(answer, answer)
* insert English(remark, remark)

ValueSet: ReferralNoteSet
Id: referral-note
Title: "转诊留言种类"
* insert Set
* include codes from system ReferralNote

CodeSystem: ConsentCategory
Id: consent-category
Title: "同意书种类"
Description: "What a consent is about."
* insert List
* #referral "转诊"
* insert English(referral, referral)

ValueSet: ConsentCategorySet
Id: consent-category
Title: "同意书种类"
* insert Set
* include codes from system ConsentCategory

CodeSystem: OwnObservation
Id: observation
Title: "街道观察项"
Description: "What the engine reads from an Observation and no public code system names."
* insert List
* #follow-up-control "随访控制情况"
* #pressure-injury-stage "压力性损伤分期"
* insert English(follow-up-control, control at follow-up)
* insert English(pressure-injury-stage, stage of a pressure injury)

ValueSet: OwnObservationSet
Id: observation
Title: "街道观察项"
* insert Set
* include codes from system OwnObservation

CodeSystem: ReferralSign
Id: referral-sign
Title: "上转征象"
Description: "Signs that count for the criteria of an up-referral."
* insert List
* #consciousness_change "意识改变"
* #severe_headache "剧烈头痛"
* #chest_pain "胸痛"
* #dyspnoea "呼吸困难"
* #vision_loss "视力障碍"
* #ketotic_breath "酮味呼吸"
* #coma "昏迷"
* #fever "高热"
* #fast_heart_rate "心率快"
* #acute_sign "其他急症"
* #drug_reaction "药物不良反应"
* #new_complication "新发并发症"
* #worse_complication "并发症加重"
* #stroke_sign "卒中征象"
* #low_spo2 "血氧低"
* #gi_bleed "消化道出血"
* #fracture "骨折"
* #acute_confusion "急性意识混乱"
* #lasting_fever "持续高热"
* #pressure_injury_infected "压力性损伤感染"
* #tube_blocked_or_out "管路堵塞或脱出"
* #treatment_failure "治疗无效"
* #test_not_available "本中心无此检查"
* #skill_not_available "本中心无此技术"
* insert English(consciousness_change, change of consciousness)
* insert English(severe_headache, severe headache)
* insert English(chest_pain, chest pain)
* insert English(dyspnoea, dyspnoea)
* insert English(vision_loss, loss of vision)
* insert English(ketotic_breath, ketotic breath)
* insert English(coma, coma)
* insert English(fever, fever)
* insert English(fast_heart_rate, fast heart rate)
* insert English(acute_sign, another acute sign)
* insert English(drug_reaction, drug reaction)
* insert English(new_complication, new complication)
* insert English(worse_complication, worse complication)
* insert English(stroke_sign, sign of a stroke)
* insert English(low_spo2, low oxygen saturation)
* insert English(gi_bleed, gastrointestinal bleeding)
* insert English(fracture, fracture)
* insert English(acute_confusion, acute confusion)
* insert English(lasting_fever, lasting fever)
* insert English(pressure_injury_infected, infected pressure injury)
* insert English(tube_blocked_or_out, tube blocked or out)
* insert English(treatment_failure, failure of treatment)
* insert English(test_not_available, test not available)
* insert English(skill_not_available, skill not available)

ValueSet: ReferralSignSet
Id: referral-sign
Title: "上转征象"
* insert Set
* include codes from system ReferralSign

CodeSystem: VisitSequence
Id: visit-sequence
Title: "上门先后方式"
Description: "How two visits of a plan belong together."
* insert List
* #order "先后"
* #joint "同时上门"
* #one-visit "合并上门"
* insert English(order, one after the other)
* insert English(joint, arrive together)
* insert English(one-visit, one visit)

ValueSet: VisitSequenceSet
Id: visit-sequence
Title: "上门先后方式"
* insert Set
* include codes from system VisitSequence

CodeSystem: CarersOfTwo
Id: carers-of-two
Title: "两次上门的人员"
Description: "Whether two visits are done by the same people."
* insert List
* #any "不限"
* #same "同一人"
* #different "不同人"
* insert English(any, any)
* insert English(same, the same)
* insert English(different, different people)

ValueSet: CarersOfTwoSet
Id: carers-of-two
Title: "两次上门的人员"
* insert Set
* include codes from system CarersOfTwo

CodeSystem: HolidayRule
Id: holidays
Title: "节假日安排"
Description: "What happens to a visit on a public holiday."
* insert List
* #keep "照常"
* #skip "不安排"
* #next-working-day "顺延至下一工作日"
* insert English(keep, as on any day)
* insert English(skip, not then)
* insert English(next-working-day, on the next working day)

ValueSet: HolidayRuleSet
Id: holidays
Title: "节假日安排"
* insert Set
* include codes from system HolidayRule

CodeSystem: RuleMark
Id: rule-mark
Title: "规则可信标记"
Description: "How far a row of a policy pack can be trusted."
* insert List
* #V "已核对"
* #M "凭记忆"
* #M? "存疑"
* #A "假设"
* insert English(V, confirmed in a published copy)
* insert English(M, from memory)
* insert English(M?, doubtful)
* insert English(A, assumed by this product)

ValueSet: RuleMarkSet
Id: rule-mark
Title: "规则可信标记"
* insert Set
* include codes from system RuleMark

CodeSystem: PositionDatum
Id: datum
Title: "坐标系"
Description: "Datum of a position."
* insert List
* #wgs84 "WGS-84"
* #gcj02 "GCJ-02"
* #bd09 "BD-09"
* insert English(wgs84, WGS-84)
* insert English(gcj02, GCJ-02)
* insert English(bd09, BD-09)

ValueSet: PositionDatumSet
Id: datum
Title: "坐标系"
* insert Set
* include codes from system PositionDatum
