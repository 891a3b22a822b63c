// Answers to the questions of the assessment forms (fhir_profiles/data/questionnaires).
// Made by python -m fhir_profiles.generate.answers; do not edit.

CodeSystem: AnswerAssessmentReason
Id: assessment-reason
Title: "评估原因"
Description: "Answers to 评估原因."
* insert List
* #first "首次评估"
* #routine "常规评估"
* #immediate "即时评估"
* #dispute "复评"
* #other "其他"
* insert English(first, First)
* insert English(routine, Routine)
* insert English(immediate, Immediate)
* insert English(dispute, Re-assessment in dispute)
* insert English(other, Other)

ValueSet: AnswerAssessmentReasonSet
Id: assessment-reason
Title: "评估原因"
* insert Set
* include codes from system AnswerAssessmentReason

CodeSystem: AnswerConsciousness
Id: consciousness
Title: "昏睡还是昏迷"
Description: "Answers to 昏睡还是昏迷."
* insert List
* #stupor "昏睡"
* #coma "昏迷"
* insert English(stupor, Stupor)
* insert English(coma, Coma)

ValueSet: AnswerConsciousnessSet
Id: consciousness
Title: "昏睡还是昏迷"
* insert Set
* include codes from system AnswerConsciousness

CodeSystem: AnswerGb42195B11
Id: gb42195-b-1-1
Title: "进食"
Description: "Answers to 进食."
* insert List
* #4 "独立,无呛咳"
* #3 "需提示或辅具"
* #2 "少量接触帮助,或呛咳每月≥1次"
* #1 "大量帮助,或呛咳每周≥1次"
* #0 "完全依赖、吞咽障碍或管饲"
* insert English(4, [[Alone, no choking]])
* insert English(3, Prompting or an aid)
* insert English(2, [[Light contact help, or choking once a month or more]])
* insert English(1, [[Heavy help, or choking once a week or more]])
* insert English(0, [[Dependent, dysphagia or tube]])

ValueSet: AnswerGb42195B11Set
Id: gb42195-b-1-1
Title: "进食"
* insert Set
* include codes from system AnswerGb42195B11

CodeSystem: AnswerGb42195B12
Id: gb42195-b-1-2
Title: "修饰"
Description: "Answers to 修饰."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B12Set
Id: gb42195-b-1-2
Title: "修饰"
* insert Set
* include codes from system AnswerGb42195B12

CodeSystem: AnswerGb42195B13
Id: gb42195-b-1-3
Title: "洗澡"
Description: "Answers to 洗澡."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B13Set
Id: gb42195-b-1-3
Title: "洗澡"
* insert Set
* include codes from system AnswerGb42195B13

CodeSystem: AnswerGb42195B14
Id: gb42195-b-1-4
Title: "穿/脱上衣"
Description: "Answers to 穿/脱上衣."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B14Set
Id: gb42195-b-1-4
Title: "穿/脱上衣"
* insert Set
* include codes from system AnswerGb42195B14

CodeSystem: AnswerGb42195B15
Id: gb42195-b-1-5
Title: "穿/脱裤子和鞋袜"
Description: "Answers to 穿/脱裤子和鞋袜."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B15Set
Id: gb42195-b-1-5
Title: "穿/脱裤子和鞋袜"
* insert Set
* include codes from system AnswerGb42195B15

CodeSystem: AnswerGb42195B16
Id: gb42195-b-1-6
Title: "小便控制"
Description: "Answers to 小便控制."
* insert List
* #4 "正常"
* #3 "白天可,夜间差,或自理尿垫"
* #2 "每天<1次但每周>1次,或尿垫需少量帮助"
* #1 "每天≥1次,或尿垫需大量帮助"
* #0 "完全失禁或留置尿管"
* insert English(4, Normal)
* insert English(3, [[Day fine, night worse, or self-used pads]])
* insert English(2, [[Less than once a day but more than once a week, or little help with pads]])
* insert English(1, [[Once a day or more, or much help]])
* insert English(0, [[None, or indwelling catheter]])

ValueSet: AnswerGb42195B16Set
Id: gb42195-b-1-6
Title: "小便控制"
* insert Set
* include codes from system AnswerGb42195B16

CodeSystem: AnswerGb42195B17
Id: gb42195-b-1-7
Title: "大便控制"
Description: "Answers to 大便控制."
* insert List
* #4 "正常"
* #3 "偶有(每周<1次)或自理辅具"
* #2 "经常(每天<1次,每周>1次)或需少量帮助"
* #1 "每天≥1次"
* #0 "完全失禁"
* insert English(4, Normal)
* insert English(3, [[Sometimes (less than once a week), or self-used aids]])
* insert English(2, [[Often (less than once a day, more than once a week), or little help]])
* insert English(1, Once a day or more)
* insert English(0, Total)

ValueSet: AnswerGb42195B17Set
Id: gb42195-b-1-7
Title: "大便控制"
* insert Set
* include codes from system AnswerGb42195B17

CodeSystem: AnswerGb42195B18
Id: gb42195-b-1-8
Title: "如厕"
Description: "Answers to 如厕."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B18Set
Id: gb42195-b-1-8
Title: "如厕"
* insert Set
* include codes from system AnswerGb42195B18

CodeSystem: AnswerGb42195B21
Id: gb42195-b-2-1
Title: "床上体位转移"
Description: "Answers to 床上体位转移."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B21Set
Id: gb42195-b-2-1
Title: "床上体位转移"
* insert Set
* include codes from system AnswerGb42195B21

CodeSystem: AnswerGb42195B22
Id: gb42195-b-2-2
Title: "床椅转移"
Description: "Answers to 床椅转移."
* insert List
* #4 "独立"
* #3 "需指导或提示"
* #2 "需帮助,自己为主"
* #1 "他人为主,能配合"
* #0 "完全依赖,不能配合"
* insert English(4, Alone)
* insert English(3, Guidance or prompting)
* insert English(2, [[Helped, mainly self]])
* insert English(1, [[Mainly others, cooperates]])
* insert English(0, [[Dependent, cannot cooperate]])

ValueSet: AnswerGb42195B22Set
Id: gb42195-b-2-2
Title: "床椅转移"
* insert Set
* include codes from system AnswerGb42195B22

CodeSystem: AnswerGb42195B23
Id: gb42195-b-2-3
Title: "平地行走"
Description: "Answers to 平地行走."
* insert List
* #4 "独立安全行走约50米"
* #3 "50米需监护或辅具"
* #2 "需少量搀扶"
* #1 "需大量搀扶"
* #0 "不能行走"
* insert English(4, [[About 50 m alone, safe]])
* insert English(3, 50 m with supervision or aid)
* insert English(2, Little support)
* insert English(1, Much support)
* insert English(0, None)

ValueSet: AnswerGb42195B23Set
Id: gb42195-b-2-3
Title: "平地行走"
* insert Set
* include codes from system AnswerGb42195B23

CodeSystem: AnswerGb42195B24
Id: gb42195-b-2-4
Title: "上下楼梯"
Description: "Answers to 上下楼梯."
* insert List
* #3 "独立10–15级"
* #2 "需提示"
* #1 "需帮助,自己为主"
* #0 "其他"
* insert English(3, [[Alone, 10 to 15 steps]])
* insert English(2, Prompting)
* insert English(1, [[Help, mainly self]])
* insert English(0, Else)

ValueSet: AnswerGb42195B24Set
Id: gb42195-b-2-4
Title: "上下楼梯"
* insert Set
* include codes from system AnswerGb42195B24

CodeSystem: AnswerGb42195B31
Id: gb42195-b-3-1
Title: "时间定向"
Description: "Answers to 时间定向."
* insert List
* #4 "相差不超过1天"
* #3 "相差2天及以上"
* #2 "知上下半年或季节"
* #1 "只知昼夜"
* #0 "无时间观念"
* insert English(4, Off by one day at most)
* insert English(3, Off by two days or more)
* insert English(2, Knows half-year or season)
* insert English(1, Knows day and night)
* insert English(0, None)

ValueSet: AnswerGb42195B31Set
Id: gb42195-b-3-1
Title: "时间定向"
* insert Set
* include codes from system AnswerGb42195B31

CodeSystem: AnswerGb42195B32
Id: gb42195-b-3-2
Title: "空间定向"
Description: "Answers to 空间定向."
* insert List
* #4 "日常范围可单独外出"
* #3 "知准确地址但不能单独外出"
* #2 "知部分地址"
* #1 "略知自家地址"
* #0 "无方位概念"
* insert English(4, Goes out alone in daily range)
* insert English(3, [[Exact, but cannot go out alone]])
* insert English(2, More of the address)
* insert English(1, Little of own address)
* insert English(0, None)

ValueSet: AnswerGb42195B32Set
Id: gb42195-b-3-2
Title: "空间定向"
* insert Set
* include codes from system AnswerGb42195B32

CodeSystem: AnswerGb42195B33
Id: gb42195-b-3-3
Title: "人物定向"
Description: "Answers to 人物定向."
* insert List
* #4 "都认识并知关系"
* #3 "认识大部分"
* #2 "认识一半亲近的人"
* #1 "只认识自己或极少数人"
* #0 "谁也不认识"
* insert English(4, [[All, with relation]])
* insert English(3, Most)
* insert English(2, Half of close people)
* insert English(1, Self or very few)
* insert English(0, Knows nobody)

ValueSet: AnswerGb42195B33Set
Id: gb42195-b-3-3
Title: "人物定向"
* insert Set
* include codes from system AnswerGb42195B33

CodeSystem: AnswerGb42195B34
Id: gb42195-b-3-4
Title: "记忆"
Description: "Answers to 记忆."
* insert List
* #4 "完好"
* #3 "即时记忆差(5分钟回忆0–1词)"
* #2 "近期记忆丧失"
* #1 "远期记忆丧失"
* #0 "完全丧失"
* insert English(4, Intact)
* insert English(3, Immediate memory poor: 0 to 1 of 3 words after 5 min)
* insert English(2, Recent memory lost)
* insert English(1, Remote memory lost)
* insert English(0, All lost)

ValueSet: AnswerGb42195B34Set
Id: gb42195-b-3-4
Title: "记忆"
* insert Set
* include codes from system AnswerGb42195B34

CodeSystem: AnswerGb42195B35
Id: gb42195-b-3-5
Title: "理解能力"
Description: "Answers to 理解能力."
* insert List
* #4 "正常"
* #3 "需更多时间"
* #2 "需重复"
* #1 "需大量帮助"
* #0 "无法理解"
* insert English(4, Normal)
* insert English(3, Needs time)
* insert English(2, Repetition)
* insert English(1, Much help)
* insert English(0, None)

ValueSet: AnswerGb42195B35Set
Id: gb42195-b-3-5
Title: "理解能力"
* insert Set
* include codes from system AnswerGb42195B35

CodeSystem: AnswerGb42195B36
Id: gb42195-b-3-6
Title: "表达能力"
Description: "Answers to 表达能力."
* insert List
* #4 "正常"
* #3 "需更多时间"
* #2 "需重复"
* #1 "需大量帮助"
* #0 "无法表达"
* insert English(4, Normal)
* insert English(3, Needs time)
* insert English(2, Repetition)
* insert English(1, Much help)
* insert English(0, None)

ValueSet: AnswerGb42195B36Set
Id: gb42195-b-3-6
Title: "表达能力"
* insert Set
* include codes from system AnswerGb42195B36

CodeSystem: AnswerGb42195B37
Id: gb42195-b-3-7
Title: "攻击行为"
Description: "Answers to 攻击行为."
* insert List
* #1 "近一月无"
* #0 "近一月有"
* insert English(1, Absent in the past month)
* insert English(0, Present in the past month)

ValueSet: AnswerGb42195B37Set
Id: gb42195-b-3-7
Title: "攻击行为"
* insert Set
* include codes from system AnswerGb42195B37

CodeSystem: AnswerGb42195B38
Id: gb42195-b-3-8
Title: "抑郁症状"
Description: "Answers to 抑郁症状."
* insert List
* #1 "近一月无"
* #0 "近一月有"
* insert English(1, Absent in the past month)
* insert English(0, Present in the past month)

ValueSet: AnswerGb42195B38Set
Id: gb42195-b-3-8
Title: "抑郁症状"
* insert Set
* include codes from system AnswerGb42195B38

CodeSystem: AnswerGb42195B39
Id: gb42195-b-3-9
Title: "意识水平"
Description: "Answers to 意识水平."
* insert List
* #2 "清醒"
* #1 "嗜睡或意识模糊"
* #0 "昏睡或昏迷"
* insert English(2, Clear)
* insert English(1, Drowsy or confused)
* insert English(0, Stupor or coma)

ValueSet: AnswerGb42195B39Set
Id: gb42195-b-3-9
Title: "意识水平"
* insert Set
* include codes from system AnswerGb42195B39

CodeSystem: AnswerGb42195B41
Id: gb42195-b-4-1
Title: "视力"
Description: "Answers to 视力."
* insert List
* #2 "正常"
* #1 "受限"
* #0 "极差"
* insert English(2, Normal)
* insert English(1, Limited)
* insert English(0, Very poor)

ValueSet: AnswerGb42195B41Set
Id: gb42195-b-4-1
Title: "视力"
* insert Set
* include codes from system AnswerGb42195B41

CodeSystem: AnswerGb42195B42
Id: gb42195-b-4-2
Title: "听力"
Description: "Answers to 听力."
* insert List
* #2 "正常"
* #1 "受限"
* #0 "极差"
* insert English(2, Normal)
* insert English(1, Limited)
* insert English(0, Very poor)

ValueSet: AnswerGb42195B42Set
Id: gb42195-b-4-2
Title: "听力"
* insert Set
* include codes from system AnswerGb42195B42

CodeSystem: AnswerGb42195B43
Id: gb42195-b-4-3
Title: "执行日常事务"
Description: "Answers to 执行日常事务."
* insert List
* #4 "独立"
* #3 "需监护"
* #2 "需少量帮助"
* #1 "需大量帮助"
* #0 "完全依赖"
* insert English(4, Alone)
* insert English(3, Supervision)
* insert English(2, Little help)
* insert English(1, Much help)
* insert English(0, Dependent)

ValueSet: AnswerGb42195B43Set
Id: gb42195-b-4-3
Title: "执行日常事务"
* insert Set
* include codes from system AnswerGb42195B43

CodeSystem: AnswerGb42195B44
Id: gb42195-b-4-4
Title: "使用交通工具外出"
Description: "Answers to 使用交通工具外出."
* insert List
* #3 "独自乘公交或骑车"
* #2 "独自打车"
* #1 "有人陪同乘公交"
* #0 "其他"
* insert English(3, Bus or bicycle alone)
* insert English(2, Taxi alone)
* insert English(1, Bus with escort)
* insert English(0, Else)

ValueSet: AnswerGb42195B44Set
Id: gb42195-b-4-4
Title: "使用交通工具外出"
* insert Set
* include codes from system AnswerGb42195B44

CodeSystem: AnswerGb42195B45
Id: gb42195-b-4-5
Title: "社会交往能力"
Description: "Answers to 社会交往能力."
* insert List
* #4 "适应良好"
* #3 "基本适应"
* #2 "部分适应"
* #1 "勉强接触"
* #0 "不能"
* insert English(4, Adapted)
* insert English(3, Mostly adapted)
* insert English(2, Partly adapted)
* insert English(1, Barely in contact)
* insert English(0, Cannot)

ValueSet: AnswerGb42195B45Set
Id: gb42195-b-4-5
Title: "社会交往能力"
* insert Set
* include codes from system AnswerGb42195B45

CodeSystem: AnswerLtc37A1
Id: ltc37-a1
Title: "进食"
Description: "Answers to 进食."
* insert List
* #0 "大部分或完全依赖,或鼻饲"
* #5 "需部分帮助"
* #10 "独立(可用辅具)"
* insert English(0, [[Large or total dependence, or feeding tube]])
* insert English(5, Part help)
* insert English(10, [[Alone, aids allowed]])

ValueSet: AnswerLtc37A1Set
Id: ltc37-a1
Title: "进食"
* insert Set
* include codes from system AnswerLtc37A1

CodeSystem: AnswerLtc37A10
Id: ltc37-a10
Title: "洗澡"
Description: "Answers to 洗澡."
* insert List
* #0 "需要帮助"
* #5 "备好水后独立"
* insert English(0, Needs help)
* insert English(5, Alone once the water is ready)

ValueSet: AnswerLtc37A10Set
Id: ltc37-a10
Title: "洗澡"
* insert Set
* include codes from system AnswerLtc37A10

CodeSystem: AnswerLtc37A2
Id: ltc37-a2
Title: "穿衣"
Description: "Answers to 穿衣."
* insert List
* #0 "依赖他人"
* #5 "需部分帮助(扣子、鞋带、拉链)"
* #10 "独立"
* insert English(0, Dependent)
* insert English(5, [[Part help: buttons, laces, zip]])
* insert English(10, Alone)

ValueSet: AnswerLtc37A2Set
Id: ltc37-a2
Title: "穿衣"
* insert Set
* include codes from system AnswerLtc37A2

CodeSystem: AnswerLtc37A3
Id: ltc37-a3
Title: "面部与口腔清洁"
Description: "Answers to 面部与口腔清洁."
* insert List
* #0 "需要帮助"
* #5 "独立"
* insert English(0, Needs help)
* insert English(5, Alone)

ValueSet: AnswerLtc37A3Set
Id: ltc37-a3
Title: "面部与口腔清洁"
* insert Set
* include codes from system AnswerLtc37A3

CodeSystem: AnswerLtc37A4
Id: ltc37-a4
Title: "大便控制"
Description: "Answers to 大便控制."
* insert List
* #0 "失禁每周≥1次或不能控制"
* #5 "失禁每周<1次,或需提示、协助"
* #10 "可控制"
* insert English(0, [[Incontinent once a week or more, or no control]])
* insert English(5, [[Less than once a week, or prompting, or manual help]])
* insert English(10, In control)

ValueSet: AnswerLtc37A4Set
Id: ltc37-a4
Title: "大便控制"
* insert Set
* include codes from system AnswerLtc37A4

CodeSystem: AnswerLtc37A5
Id: ltc37-a5
Title: "小便控制"
Description: "Answers to 小便控制."
* insert List
* #0 "失禁每天≥1次,或留置尿管不能自理"
* #5 "每24小时<1次但每周>1次,或需提示"
* #10 "可控制或自理尿管"
* insert English(0, [[Incontinent once a day or more, or catheter not self-managed]])
* insert English(5, [[Less than once in 24 h but more than once a week, or prompting]])
* insert English(10, [[In control, or catheter self-managed]])

ValueSet: AnswerLtc37A5Set
Id: ltc37-a5
Title: "小便控制"
* insert Set
* include codes from system AnswerLtc37A5

CodeSystem: AnswerLtc37A6
Id: ltc37-a6
Title: "用厕"
Description: "Answers to 用厕."
* insert List
* #0 "需极大帮助或完全依赖"
* #5 "需部分帮助"
* #10 "独立"
* insert English(0, Great help or total dependence)
* insert English(5, Part help)
* insert English(10, Alone)

ValueSet: AnswerLtc37A6Set
Id: ltc37-a6
Title: "用厕"
* insert Set
* include codes from system AnswerLtc37A6

CodeSystem: AnswerLtc37A7
Id: ltc37-a7
Title: "平地行走"
Description: "Answers to 平地行走."
* insert List
* #0 "卧床"
* #5 "需2人及以上帮助,或坐轮椅由人推行"
* #10 "需1人帮助或监督"
* #15 "独立"
* insert English(0, Bedridden)
* insert English(5, [[Two persons or more, or wheelchair with help]])
* insert English(10, One person or supervision)
* insert English(15, Alone)

ValueSet: AnswerLtc37A7Set
Id: ltc37-a7
Title: "平地行走"
* insert Set
* include codes from system AnswerLtc37A7

CodeSystem: AnswerLtc37A8
Id: ltc37-a8
Title: "床椅转移"
Description: "Answers to 床椅转移."
* insert List
* #0 "不能坐起"
* #5 "需2人帮助,能坐"
* #10 "需1人帮助或监督"
* #15 "独立"
* insert English(0, Cannot sit)
* insert English(5, [[Two persons, can sit]])
* insert English(10, One person or supervision)
* insert English(15, Alone)

ValueSet: AnswerLtc37A8Set
Id: ltc37-a8
Title: "床椅转移"
* insert Set
* include codes from system AnswerLtc37A8

CodeSystem: AnswerLtc37A9
Id: ltc37-a9
Title: "上下楼"
Description: "Answers to 上下楼."
* insert List
* #0 "不能或需极大帮助"
* #5 "需部分帮助"
* #10 "独立"
* insert English(0, [[Cannot, or great help]])
* insert English(5, Part help)
* insert English(10, Alone)

ValueSet: AnswerLtc37A9Set
Id: ltc37-a9
Title: "上下楼"
* insert Set
* include codes from system AnswerLtc37A9

CodeSystem: AnswerLtc37C1
Id: ltc37-c1
Title: "时间定向"
Description: "Answers to 时间定向."
* insert List
* #0 "无时间观念"
* #1 "只知昼夜"
* #2 "知上下半年或季节"
* #3 "相差2天及以上"
* #4 "相差不超过1天"
* insert English(0, None)
* insert English(1, Knows day and night)
* insert English(2, Knows half-year or season)
* insert English(3, Off by two days or more)
* insert English(4, Off by one day at most)

ValueSet: AnswerLtc37C1Set
Id: ltc37-c1
Title: "时间定向"
* insert Set
* include codes from system AnswerLtc37C1

CodeSystem: AnswerLtc37C2
Id: ltc37-c2
Title: "人物定向"
Description: "Answers to 人物定向."
* insert List
* #0 "谁也不认识"
* #1 "只认识自己或极少数人"
* #2 "认识一半亲近的人"
* #3 "认识大部分"
* #4 "都认识并知关系"
* insert English(0, Knows nobody)
* insert English(1, Self or very few)
* insert English(2, Half of close people)
* insert English(3, Most)
* insert English(4, [[All, with relation]])

ValueSet: AnswerLtc37C2Set
Id: ltc37-c2
Title: "人物定向"
* insert Set
* include codes from system AnswerLtc37C2

CodeSystem: AnswerLtc37C3
Id: ltc37-c3
Title: "空间定向"
Description: "Answers to 空间定向."
* insert List
* #0 "无方位概念"
* #1 "略知自家地址"
* #2 "知部分地址"
* #3 "知准确地址但不能单独外出"
* #4 "日常范围可单独外出"
* insert English(0, None)
* insert English(1, Little of own address)
* insert English(2, More of the address)
* insert English(3, [[Exact, but cannot go out alone]])
* insert English(4, Goes out alone in daily range)

ValueSet: AnswerLtc37C3Set
Id: ltc37-c3
Title: "空间定向"
* insert Set
* include codes from system AnswerLtc37C3

CodeSystem: AnswerLtc37C4
Id: ltc37-c4
Title: "记忆力"
Description: "Answers to 记忆力."
* insert List
* #0 "完全丧失"
* #1 "仅记少量往事"
* #2 "回忆1个词"
* #3 "回忆2个词"
* #4 "回忆3个词"
* insert English(0, None)
* insert English(1, [[Small part of the past, nothing recent]])
* insert English(2, Recalls one word)
* insert English(3, Recalls two words)
* insert English(4, Recalls three words)

ValueSet: AnswerLtc37C4Set
Id: ltc37-c4
Title: "记忆力"
* insert Set
* include codes from system AnswerLtc37C4

CodeSystem: AnswerLtc37P1
Id: ltc37-p1
Title: "视力"
Description: "Answers to 视力."
* insert List
* #0 "失明"
* #1 "仅辨光影轮廓"
* #2 "可见大物体"
* #3 "可见大字"
* #4 "正常"
* insert English(0, Blind)
* insert English(1, Light or shape)
* insert English(2, Large objects)
* insert English(3, Large print)
* insert English(4, Normal)

ValueSet: AnswerLtc37P1Set
Id: ltc37-p1
Title: "视力"
* insert Set
* include codes from system AnswerLtc37P1

CodeSystem: AnswerLtc37P2
Id: ltc37-p2
Title: "听力"
Description: "Answers to 听力."
* insert List
* #0 "失聪"
* #1 "大声慢说可听部分"
* #2 "安静环境大声可听"
* #3 "轻声或超过2米听不清"
* #4 "正常"
* insert English(0, Deaf)
* insert English(1, [[Loud and slow, in part]])
* insert English(2, [[Loud, in a quiet room]])
* insert English(3, Not at a whisper or beyond 2 m)
* insert English(4, Normal)

ValueSet: AnswerLtc37P2Set
Id: ltc37-p2
Title: "听力"
* insert Set
* include codes from system AnswerLtc37P2

CodeSystem: AnswerLtc37P3
Id: ltc37-p3
Title: "沟通能力"
Description: "Answers to 沟通能力."
* insert List
* #0 "无法沟通"
* #1 "仅词语或手势"
* #2 "勉强,需多次重复"
* #3 "需更多时间或帮助"
* #4 "正常"
* insert English(0, None)
* insert English(1, Words or gestures)
* insert English(2, [[Barely, much repetition]])
* insert English(3, Needs time or help)
* insert English(4, Normal)

ValueSet: AnswerLtc37P3Set
Id: ltc37-p3
Title: "沟通能力"
* insert Set
* include codes from system AnswerLtc37P3

CodeSystem: AnswerRiskEvent
Id: risk-event
Title: "事件"
Description: "Answers to 事件."
* insert List
* #fall "跌倒"
* #choking "噎食"
* #self_harm "自杀、自伤"
* #wandering "走失"
* #other "其他"
* insert English(fall, Fall)
* insert English(choking, Choking)
* insert English(self_harm, Suicide or self-harm)
* insert English(wandering, Wandering)
* insert English(other, Other)

ValueSet: AnswerRiskEventSet
Id: risk-event
Title: "事件"
* insert Set
* include codes from system AnswerRiskEvent
