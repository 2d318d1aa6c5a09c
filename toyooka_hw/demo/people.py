"""The people of the demo. Nobody of them exists: their names are places of Tajima, their numbers belong to nobody."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    """What somebody states when they apply; without ``mailbox`` they phone. ``phone`` is E.164."""

    name: str
    kana: str
    number: str
    phone: str
    mailbox: str = ""


@dataclass(frozen=True)
class Personnel:
    """What an employer's contact states of themselves and of their establishment."""

    name: str
    works: str
    works_number: str
    department: str
    phone: str
    mailbox: str


# come tomorrow, or ask for the day after
TARO = Character("但馬 太郎", "タジマ タロウ", "28090-1000101", "+819055550101", "taro@example.jp")
SAKURA = Character("城崎 桜", "キノサキ サクラ", "28090-1000102", "+819055550102", "sakura@example.jp")
KENICHI = Character("出石 健一", "イズシ ケンイチ", "28090-1000103", "+819055550103", "kenichi@example.jp")
FUMIKO = Character("村岡 文子", "ムラオカ フミコ", "28090-1000104", "+819055550104")
MEGUMI = Character("朝来 恵", "アサゴ メグミ", "28090-1000105", "+819055550105", "megumi@example.jp")
TAICHI = Character("養父 太一", "ヤブ タイチ", "28090-1000106", "+819055550106", "taichi@example.jp")

# come today
MIHO = Character("竹野 美帆", "タケノ ミホ", "28090-1000107", "+819055550107", "miho@example.jp")
OSAMU = Character("日高 修", "ヒダカ オサム", "28090-1000108", "+819055550108", "osamu@example.jp")
NAOTO = Character("香住 直人", "カスミ ナオト", "28090-1000109", "+819055550109", "naoto@example.jp")
REIKO = Character("諸寄 玲子", "モロヨセ レイコ", "28090-1000110", "+819055550110", "reiko@example.jp")

# came before
RYO = Character("和田山 亮", "ワダヤマ リョウ", "28090-1000111", "+819055550111", "ryo@example.jp")
MAMORU = Character("神鍋 守", "カンナベ マモル", "28090-1000112", "+819055550112", "mamoru@example.jp")
AOI = Character("鉢伏 葵", "ハチブセ アオイ", "28090-1000113", "+819055550113", "aoi@example.jp")
SHO = Character("関宮 翔", "セキノミヤ ショウ", "28090-1000114", "+819055550114", "sho@example.jp")
KAYOKO = Character("八鹿 佳代子", "ヨウカ カヨコ", "28090-1000115", "+819055550115", "kayoko@example.jp")
WATARU = Character("生野 渉", "イクノ ワタル", "28090-1000116", "+819055550116", "wataru@example.jp")
# one and the same person, on record twice
ICHIRO = Character("高橋 一郎", "タカハシ イチロウ", "28090-1000117", "+819055550117")
ICHIRO_ONLINE = Character("髙橋 一郎", "タカハシ イチロウ", "", "+819055550117", "ichiro@example.jp")

RYOS_REGISTERED_PHONE = "+819055550199"

# employers' contacts: staff have found SATORU in the ministry's system, and nobody has looked NOZOMI up yet
SATORU = Personnel("円山 悟", "円山川精機", "2809-200301-5", "総務課", "+81796550201", "satoru@example.jp")
NOZOMI = Personnel("来日 望", "来日山食品", "2809-200302-3", "人事課", "+81796550202", "nozomi@example.jp")
