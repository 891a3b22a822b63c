// Service items and their categories; names follow carecoord/packs/catalogue.toml.

CodeSystem: ServiceItem
Id: service-item
Title: "服务项目"
Description: "Items that are done at home: 42 of Shanghai's list, and those beside it (carecoord/packs/catalogue.toml)."
* insert List
* #1 "头面部清洁、梳理"
* #2 "洗发"
* #3 "指/趾甲护理"
* #4 "手、足部清洁"
* #5 "温水擦浴"
* #6 "沐浴"
* #7 "协助进食/水"
* #8 "口腔清洁"
* #9 "协助更衣"
* #10 "整理床单位"
* #11 "排泄护理"
* #12 "失禁护理"
* #13 "床上使用便器"
* #14 "人工取便术"
* #15 "晨间护理"
* #16 "晚间护理"
* #17 "会阴护理"
* #18 "药物管理"
* #19 "协助翻身叩背排痰"
* #20 "协助床上移动"
* #21 "借助器具移动"
* #22 "皮肤外用药涂擦"
* #23 "安全护理"
* #24 "生活自理能力训练"
* #25 "压疮预防护理"
* #26 "留置尿管的护理"
* #27 "人工肛门便袋护理"
* #28 "开塞露/直肠栓剂给药"
* #29 "鼻饲"
* #30 "药物喂服"
* #31 "物理降温"
* #32 "生命体征监测"
* #33 "吸氧"
* #34 "灌肠"
* #35 "导尿(女性)"
* #36 "血糖监测"
* #37 "压疮伤口换药"
* #38 "静脉血标本采集"
* #39 "肌肉注射"
* #40 "皮下注射"
* #41 "造口护理"
* #42 "PICC 维护"
* #101 "家庭病床查床"
* #102 "上级医师查床"
* #103 "建床前入户评估"
* #111 "护理首诊评估"
* #121 "助餐送餐"
* #122 "上门探访"
* #123 "居家康复训练"
* #124 "上门能力评估"
* insert English(1, Face and hair care)
* insert English(2, Hair wash)
* insert English(3, Nails)
* insert English(4, Hands and feet)
* insert English(5, Sponge bath)
* insert English(6, Bath or shower)
* insert English(7, Help eat and drink)
* insert English(8, Mouth care)
* insert English(9, Help dress)
* insert English(10, Bed tidy)
* insert English(11, Toileting care)
* insert English(12, Incontinence care)
* insert English(13, Bedpan)
* insert English(14, Manual evacuation)
* insert English(15, Morning care)
* insert English(16, Evening care)
* insert English(17, Perineal care)
* insert English(18, Medicine management)
* insert English(19, [[Turn, percuss, sputum]])
* insert English(20, Move in bed)
* insert English(21, Move with aid)
* insert English(22, Skin medicine)
* insert English(23, Safety care)
* insert English(24, Self-care training)
* insert English(25, Pressure-injury prevention)
* insert English(26, Catheter care)
* insert English(27, Stoma bag)
* insert English(28, Suppository)
* insert English(29, Tube feeding)
* insert English(30, Give medicine)
* insert English(31, Cooling)
* insert English(32, Vital signs)
* insert English(33, Oxygen)
* insert English(34, Enema)
* insert English(35, [[Catheterisation (female)]])
* insert English(36, Glucose)
* insert English(37, Pressure-wound dressing)
* insert English(38, Blood sample)
* insert English(39, Intramuscular injection)
* insert English(40, Subcutaneous injection)
* insert English(41, Stoma care)
* insert English(42, PICC care)
* insert English(101, Home hospital bed round)
* insert English(102, Senior round)
* insert English(103, Home visit before opening a bed)
* insert English(111, First nursing assessment)
* insert English(121, Meal drop)
* insert English(122, Welfare check)
* insert English(123, Rehabilitation at home)
* insert English(124, Ability assessment at home)

ValueSet: ServiceItemSet
Id: service-item
Title: "服务项目"
* insert Set
* include codes from system ServiceItem

CodeSystem: ServiceCategory
Id: service-category
Title: "服务项目类别"
Description: "Categories of the national catalogue (20 items of daily care, 16 of medical care), and those beside it."
* insert List
* #dietary "饮食照护"
* #excretion "排泄照护"
* #cleaning "清洁照护"
* #dressing "穿脱照护"
* #functional "功能维护"
* #symptomatic "对症护理"
* #vital "生命体征监测"
* #safety "安全照护"
* #general_exam "一般检查护理"
* #basic "基础护理"
* #specialised "专科护理"
* #rehabilitation "康复"
* #medical "医疗"
* #assessment "评估"
* insert English(dietary, dietary)
* insert English(excretion, excretion)
* insert English(cleaning, cleaning)
* insert English(dressing, dressing)
* insert English(functional, functional maintenance)
* insert English(symptomatic, symptomatic)
* insert English(vital, vital signs)
* insert English(safety, safety)
* insert English(general_exam, general examination nursing)
* insert English(basic, basic nursing)
* insert English(specialised, specialised nursing)
* insert English(rehabilitation, rehabilitation)
* insert English(medical, medical)
* insert English(assessment, assessment)

ValueSet: ServiceCategorySet
Id: service-category
Title: "服务项目类别"
* insert Set
* include codes from system ServiceCategory
