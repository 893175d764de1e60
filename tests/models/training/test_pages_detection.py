"""What is taken for a flattened page, and what is not: texts of every genre, none of them from the data."""

from __future__ import annotations

import opencc
import pytest

from models.pages.disorder import page_judge
from rag import sources
from rag.pages import recover
from rag.pages.detection import is_page

GRAIN = (
    "新华社沈阳8月3日电（记者 王明）记者3日从省农业农村厅获悉，今年全省夏粮再获丰收，"
    "单产和总产均比上年有所增加，为全年粮食生产打下了坚实的基础。",
    "农业农村厅有关负责人表示，下半年各地将继续抓好秋粮的田间管理，加强防汛抗旱和病虫害防治，确保粮食颗粒归仓，农民种粮有钱可赚。",
)
PORT = (
    "上海港上半年集装箱吞吐量同比增长百分之六，港口作业繁忙有序，外贸航线不断加密，进出口货物的通关时间进一步缩短。",
    "海事部门提醒，台风季节即将来临，过往船舶应当密切关注气象预报，及时采取防风措施，必要时就近进港避风，不要心存侥幸。",
)


def taken(text: str, name: str = "text.txt") -> bool:
    """Whether the first part of a file with this text is taken for a page."""
    source = sources.read_bytes(text.encode(), name)
    return is_page(source, source.parts[0], page_judge())


def columns(text: str, width: int) -> list[str]:
    """Cut as a narrow column cuts: wherever it is full."""
    return [text[at : at + width] for at in range(0, len(text), width)]


ONE = "\n\n".join(["夏粮再获丰收", GRAIN[0], GRAIN[1]])
TORN = [GRAIN[0], GRAIN[1][:37], *PORT, GRAIN[1][37:]]


@pytest.mark.parametrize("width", [28, 36, 45, 52])
def test_columns_of_any_width_are_a_page(width: int) -> None:
    pieces = [piece for text in (*GRAIN, *PORT) for piece in columns(text, width)]
    assert taken("\n\n".join(pieces[::2] + pieces[1::2]))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n\n".join(TORN), id="blank lines between"),
        pytest.param("\n".join(TORN), id="no blank lines"),
        pytest.param(
            "\n".join("　　" + each for each in TORN), id="indented, no blank lines"
        ),
        pytest.param("\r\n\r\n".join(TORN), id="Windows line ends"),
        pytest.param(
            "2024年11月19日 第03版 要闻\n\n" + "\n\n".join(TORN), id="a heading"
        ),
        pytest.param(
            "\n\n".join("\n".join(columns(each, 22)) for each in TORN),
            id="wrapped lines",
        ),
        pytest.param(
            "\n\n".join(map(opencc.OpenCC("s2t").convert, TORN)),
            id="traditional characters",
        ),
    ],
)
def test_a_page_is_taken_for_one_however_it_is_laid_out(text: str) -> None:
    assert taken(text)


NO_PAGES = {
    "an article": [ONE],
    "two articles in order, each under its byline": [
        *(
            "夏粮再获丰收",
            "本报记者 王明",
            *GRAIN,
            "港口繁忙有序",
            "本报记者 李华",
            *PORT,
        )
    ],
    "articles in order with end marks, and one of them again": [
        *GRAIN,
        "（完）",
        *PORT,
        "（完）",
        *GRAIN,
    ],
    "datelines of articles in order": [
        f"{GRAIN[0]}",
        GRAIN[1],
        f"新华社上海8月3日电（记者 李华）{PORT[0]}",
        PORT[1],
    ],
    "a page break in a sentence": [
        GRAIN[0],
        GRAIN[1][:37],
        "— 3 —",
        "夏粮生产情况",
        GRAIN[1][37:],
        *PORT,
    ],
    "an article with byline, source and editor": [
        "夏粮再获丰收",
        "本报记者 王明 通讯员 李华",
        *GRAIN,
        "（来源：省农业农村厅）",
        "责任编辑：周敏",
        "校对：赵强",
    ],
    "an article in two languages of paragraphs": [
        "Summer grain",
        *GRAIN,
        "This is all that was said.",
    ],
    "a list": [
        f"{n}、{what}"
        for n, what in enumerate(
            ["面粉", "鸡蛋两个", "白糖一勺", "牛奶，温的", "盐"], 1
        )
    ],
    "a list of long entries without stops": [
        f"{name}，男，一九七〇年出生，曾任某县农业局副局长，现任该县农业农村局党组书记、局长，分管粮食生产工作"
        for name in ("王明", "李华", "周敏", "赵强", "钱进", "孙立")
    ],
    "a table": [
        "品种\t面积\t产量",
        "小麦\t三百亩\t十二万斤",
        "玉米\t五百亩\t二十万斤",
        "大豆\t八十亩\t两万斤",
    ],
    "code": [
        "# 计算总产量",
        "def total(fields):",
        "    total = 0  # 初值",
        "    for field in fields:",
        "        total += field.area * field.yield_  # 面积乘单产，单位为斤",
        "    return total  # 返回总产量",
    ],
    "old verse": [
        "渡口",
        "秋水连天去，",
        "孤帆带月归。",
        "渔灯三两点，",
        "犬吠隔柴扉。",
    ],
    "new verse": [
        "我把名字写在沙上，",
        "潮水来了，又把它轻轻地带走，",
        "像带走一个没有说完的故事，",
        "而我站在岸边，",
        "听见远处的灯塔，一遍遍地问着归来的船，",
        "你可曾见过那个孩子。",
    ],
    "a dialogue": [
        "“你昨天去哪儿了？我在车站等了你整整两个钟头，天都黑了。”她放下手里的篮子，轻声问道。",
        "“……我去了一趟县城，给母亲抓药，回来的路上又遇见了大雨。”他低着头，不敢看她的眼睛。",
        "“那药呢？”",
        "“在这儿。大夫说一天喝两次，饭后喝，不能沾凉水，也不能受风，喝完这几服再去找他看一看。”",
        "……她没有再说话，转身走进灶房，把药罐子放在炉子上，又往炉膛里添了两根柴。",
    ],
    "a book": [
        "第一章 渡口",
        "村子在河的南岸，河上没有桥，来往全靠一条渡船。撑船的老人姓方，村里人都叫他方伯，谁也说不清他撑了多少年。",
        "第二章 来客",
        "那年秋天来了一个陌生人，背着一只旧皮箱，说是要找一个叫石桥的地方。方伯摇摇头，说这一带从来没有过桥。",
        "“可是地图上写着。”来客说着，从怀里掏出一张发黄的纸，上面果然有两个小字，墨色已经淡得几乎看不清了。",
    ],
    "a statute": [
        "第一条 为了规范渡口的管理，保障渡运安全，维护渡运秩序，根据有关法律，结合本地实际，制定本办法。",
        "第二条 渡口经营者应当具备下列条件：",
        "（一）有与渡运规模相适应的船舶，船舶经过检验合格，并且持有有效的证书；",
        "（二）有经过培训考核合格的船员，船员的人数符合最低安全配员的要求；",
        "（三）有健全的安全管理制度和应急预案，并且每年至少组织一次演练；",
        "1)渡口的标志应当清晰，航道两侧不得堆放妨碍视线的物品，夜间应当有照明；",
        "（四）法律、法规规定的其他条件。",
        "第三条 违反本办法规定的，由县级以上人民政府交通运输主管部门责令改正，给予警告。",
    ],
    "a script": [
        "第三场 夜 内 船舱",
        "（方伯点上油灯，灯光照亮了半间船舱，外面传来水拍船板的声音。）",
        "方伯：你说的那座桥，我年轻的时候听人讲过，后来发大水，连桥带人都冲走了，再没有人提起。",
        "来客：那么修桥的人呢？他的家眷还在不在村子里，有没有留下什么书信，或者一张图样？",
        "方伯：（沉默良久）修桥的人，就是我的父亲。他走的那一天，什么也没有留下，除了这条船。",
    ],
    "questions and answers": [
        "问：渡船几点开？",
        "答：每天早上六点开第一班，晚上七点收班，逢集的日子加开两班，遇到大风大雾停航。",
        "问：可以带自行车上船吗？",
        "答：可以，自行车不另外收费；电动车和摩托车要买一张行李票，燃油要在岸上放空，不能带上船。",
        "问：老人和孩子要买票吗？",
        "答：六十岁以上的老人凭证件免票，一米二以下的孩子由大人带着免票，每个大人可以带两个。",
    ],
    "references": [
        f"[{n}] 王明, 李华. 渡口管理的历史与现状[J]. 内河航运, 20{n:02}, {n}(3): {n}1-{n}9"
        for n in range(10, 18)
    ],
    "English": [
        "BEIJING, Aug. 3 (Xinhua) -- Farmers harvested more summer grain this year than last,",
        "officials said on Thursday. The weather was kind, and so were the prices they got for",
        "SHANGHAI, Aug. 3 (Xinhua) -- The port handled six percent more containers in the first half,",
        "their wheat. More is expected in autumn if the floods stay away from the northern plains.",
    ],
}


@pytest.mark.parametrize("genre", NO_PAGES)
@pytest.mark.parametrize("between", ["\n\n", "\r\n\r\n", "\n"])
def test_other_genres_are_none(genre: str, between: str) -> None:
    text = between.join(NO_PAGES[genre])
    assert not taken(text)
    assert len(recover(sources.read_bytes(text.encode(), "text.txt"))) == 1


def test_a_format_that_declares_structure_is_never_asked() -> None:
    assert taken("\n\n".join(TORN))
    assert not taken("\n\n".join(TORN), "page.md")
