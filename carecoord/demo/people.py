"""What are fictional people called, and which numbers name them?

Telephone numbers (199 0000 xxxx) and identity numbers (region codes 99xxxx) lie outside what is
given to real people.
"""

from datetime import date
from random import Random

from carecoord.model.identifiers import Sex, synthetic_resident_id, synthetic_uscc
from carecoord.model.ids import StreetId

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
ELDER_WOMEN = "秀英桂兰玉珍凤淑芳素华美云金翠雅琴慧贞月娥香莲爱芝惠菊丽文静宝春"
ELDER_MEN = "国建德福长明永志文光荣华振海宝成树林玉清兴忠义庆祥学仁树根全贵家才"
STAFF_WOMEN = "丽敏静燕红霞婷娟梅玲晓雪倩雯莉琳欣悦佳怡春艳海萍小芬"
STAFF_MEN = "伟强磊军勇涛斌鹏浩杰超明建波俊峰志刚宇辉"

DISTRICT = 990101
"""An unassigned six-digit division code."""

REGIONS = 990100
"""The first of the unassigned codes 9901xx to 9999xx: nobody was ever registered there."""


def elder_name(dice: Random, gender: str) -> tuple[str, str]:
    """Family and given name of somebody born around the middle of the last century."""
    return _name(dice, ELDER_WOMEN if gender == "female" else ELDER_MEN, 0.8)


def staff_name(dice: Random, gender: str) -> tuple[str, str]:
    """Family and given name of somebody of working age."""
    return _name(dice, STAFF_WOMEN if gender == "female" else STAFF_MEN, 0.6)


def _name(dice: Random, characters: str, double: float) -> tuple[str, str]:
    family, first, second = (dice.choice(text) for text in (FAMILY, characters, characters))
    return family, first + second if dice.random() < double and first != second else first


def telephone(dice: Random) -> str:
    """A mobile number of the unassigned block 199 0000."""
    return f"1990000{dice.randrange(10_000):04d}"


def resident_number(seed: int, index: int, birth: date, gender: str) -> str:
    """The identity number of the `index`-th elder; no two of a street are equal."""
    # 40 regions to a street hold its 20,000 elders; streets of other seeds use other regions.
    region = REGIONS + (seed * 40 + index // 500) % 9_900
    sex: Sex = "male" if gender == "male" else "female"
    return synthetic_resident_id(str(region), birth, index % 500, sex)


def street_code(seed: int) -> StreetId:
    """Division code of the street of a seed; 999 streets of other seeds have other codes."""
    return StreetId(f"{DISTRICT}{seed % 1000:03d}")


def credit_code(seed: int, number: int) -> str:
    """The unified social credit code of the `number`-th organisation of a street."""
    return synthetic_uscc(str(DISTRICT), f"{seed % 10**7 * 100 + number:09d}")
