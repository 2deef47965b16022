"""What screens call the words that the house stores: kinds, measures, states. Unknown ones are shown as they are."""

__all__ = ["CLOCKS", "DRAWN", "MEASURES", "NAMES", "ago", "span", "why"]

from vitrail.console.language import N_, Words
from vitrail.services.attention import Attention, Why

NAMES = {
    # kinds of events
    "presence": N_("Presence in a closed zone"),
    "dwell": N_("Staying too long"),
    "line_crossing": N_("Line crossed"),
    "wrong_way": N_("Wrong way"),
    "crowding": N_("Too many people"),
    "fight": N_("Perhaps a fight"),
    "fall": N_("Somebody on the ground after a fall"),
    "dispersal": N_("Crowd suddenly running"),
    "counter_flow": N_("Streams of people against each other"),
    "crowd_wave": N_("Jolts through a packed crowd"),
    "bottleneck": N_("Crowd held up"),
    "speeding": N_("Vehicle too fast"),
    "stopped_vehicle": N_("Vehicle standing"),
    "left_object": N_("Thing left behind"),
    "removed_object": N_("Thing taken away"),
    "vehicle_in_pedestrian_zone": N_("Vehicle where people walk"),
    "sighting": N_("Sighting"),
    "fire": N_("Fire"),
    "smoke": N_("Smoke"),
    "graffiti": N_("New paint on a wall"),
    "damage": N_("Damaged furniture"),
    "gunshot": N_("Gunshot"),
    "explosion": N_("Explosion"),
    "glass_breaking": N_("Breaking glass"),
    "scream": N_("Scream"),
    "siren": N_("Alarm or siren"),
    # surroundings of microphones
    "street": N_("street"),
    "tunnel": N_("tunnel"),
    "car_park": N_("car park"),
    "platform": N_("platform"),
    "depot": N_("depot"),
    # sightings: classes, colours, ways, and what words of a description were taken for
    "car": N_("Car"),
    "truck": N_("Truck"),
    "bus": N_("Bus"),
    "motorcycle": N_("Motorcycle"),
    "bicycle": N_("Bicycle"),
    "train": N_("Train"),
    "boat": N_("Boat"),
    "backpack": N_("Backpack"),
    "suitcase": N_("Suitcase"),
    "handbag": N_("Handbag"),
    "umbrella": N_("Umbrella"),
    "surface": N_("Wall"),
    "asset": N_("Furniture"),
    "view": N_("Place"),
    "black": N_("black"),
    "white": N_("white"),
    "grey": N_("grey"),
    "red": N_("red"),
    "orange": N_("orange"),
    "yellow": N_("yellow"),
    "green": N_("green"),
    "blue": N_("blue"),
    "purple": N_("purple"),
    "pink": N_("pink"),
    "brown": N_("brown"),
    "left": N_("to the left"),
    "right": N_("to the right"),
    "up": N_("away from the camera"),
    "down": N_("towards the camera"),
    "kind": N_("what"),
    "colour": N_("colour"),
    "event": N_("event"),
    "place": N_("place"),
    "time": N_("time"),
    "standing": N_("stood"),
    "moving": N_("moving"),
    "heading": N_("way"),
    "likeness": N_("by its look"),
    "unknown": N_("not understood"),
    # why a search is refused, and how to ask
    "it asks who somebody is, or for what leads to them": N_("it asks who somebody is, or for what leads to them"),
    "it describes a trait of a person": N_("it describes a trait of a person"),
    "it describes what somebody wears or carries": N_("it describes what somebody wears or carries"),
    "it looks for a person": N_("it looks for a person"),
    "name the event, the vehicle by class and colour, the place and the time": N_(
        "name the event, the vehicle by class and colour, the place and the time"
    ),
    "ask for the vehicle, the thing or the event, and where and when it was": N_(
        "ask for the vehicle, the thing or the event, and where and when it was"
    ),
    "a thing can be searched once it is left alone: `backpack left in the hall`": N_(
        "a thing can be searched once it is left alone: `backpack left in the hall`"
    ),
    "ask for an event (`fight`, `person on the ground`), a number (`how many people`), a vehicle or a thing": N_(
        "ask for an event (`fight`, `person on the ground`), a number (`how many people`), a vehicle or a thing"
    ),
    # states of alerts
    "open": N_("open"),
    "confirmed": N_("confirmed"),
    "dismissed": N_("dismissed"),
    "expired": N_("expired"),
    # states of streams
    "starting": N_("starting"),
    "quiet": N_("quiet"),
    "awake": N_("awake"),
    "lost": N_("lost"),
    "refused": N_("refused"),
    "suspended": N_("suspended"),
    "failed": N_("failed"),
    "ended": N_("ended"),
    # walls and furniture: what they are, how they stand, what was said, why they are not judged
    "kind wall": N_("wall"),
    "kind bench": N_("bench"),
    "kind bin": N_("bin"),
    "kind sign": N_("sign"),
    "kind shelter": N_("shelter"),
    "kind bollard": N_("bollard"),
    "kind lamp": N_("lamp"),
    "kind door": N_("door"),
    "kind window": N_("window"),
    "condition ok": N_("in order"),
    "condition suspected": N_("suspected"),
    "condition confirmed": N_("damage confirmed"),
    "condition repaired": N_("repaired, being learnt"),
    "said alert": N_("Told by the machine"),
    "said confirmed": N_("Confirmed by a person"),
    "said dismissed": N_("Dismissed by a person"),
    "said over": N_("It looks as before"),
    "said closed": N_("Request closed by those who took it in"),
    "said repaired": N_("Said to be repaired"),
    "said whole": N_("Said to be in order as it stands"),
    "said renewed": N_("Its new look is learnt"),
    "suggested over": N_("It looks as before: perhaps it was repaired."),
    "suggested closed": N_("The request was closed: perhaps it was repaired."),
    "unsure learning": N_("still being learnt"),
    "unsure night": N_("it is not known by night yet"),
    "unsure day": N_("it is known by night only"),
    "unsure covered": N_("something stands before it"),
    "unsure surroundings": N_("its surroundings look other too: camera nudged, lens dirty, or another lamp"),
    "unsure renewed": N_("its look after a repair is being learnt"),
    "unsure camera": N_("something is wrong with the camera"),
    # requests to those who repair
    "notice waiting": N_("waits to be sent"),
    "notice sending": N_("being sent"),
    "notice unclear": N_("no answer yet"),
    "notice sent": N_("taken in"),
    "notice closed": N_("closed by them"),
    "notice failed": N_("not delivered"),
    # what is wrong with what a camera shows
    "ailment frozen": N_("The picture does not change any more"),
    "ailment dark": N_("The picture is black"),
    "ailment blinded": N_("The camera is dazzled or covered"),
    "ailment blurred": N_("The picture is out of focus or fogged"),
    "ailment hidden": N_("Dirt or something else hides part of the picture"),
    "ailment looped": N_("The picture is a recording played again"),
    "ailment moved": N_("The camera looks elsewhere than before"),
    # the ledger
    "collect": N_("collect"),
    "change": N_("change"),
    "consult": N_("consult"),
    "communicate": N_("communicate"),
    "erase": N_("erase"),
    "rule": N_("decision"),
    "opened": N_("opened"),
    "done": N_("done"),
    # roles
    "operator": N_("operator"),
    "technician": N_("technician"),
    "investigator": N_("investigator"),
    "officer": N_("data-protection officer"),
    "auditor": N_("auditor"),
    "administrator": N_("administrator"),
    "oversight": N_("oversight"),
    # why a stream runs as it does
    "settling in": N_("settling in"),
    "nothing moves": N_("nothing moves"),
    "every packet is a key packet: sizes tell detail, not change": N_(
        "every packet is a key packet: sizes tell detail, not change"
    ),
    "the stream's rhythm is not learnt yet": N_("the stream's rhythm is not learnt yet"),
    "packet sizes hardly vary: they follow the bit rate, not the scene": N_(
        "packet sizes hardly vary: they follow the bit rate, not the scene"
    ),
    "packets grow again and again and nothing moves": N_("packets grow again and again and nothing moves"),
    "groups of pictures last too long to wait for": N_("groups of pictures last too long to wait for"),
    "groups of pictures are too big to keep": N_("groups of pictures are too big to keep"),
    "the machine does not keep up: one frame of each group": N_(
        "the machine does not keep up: one frame of each group"
    ),
    # cases and requests
    "inquiry": N_("inquiry"),
    "rights": N_("request of a person"),
    "access": N_("access"),
    "erasure": N_("erasure"),
    "objection": N_("objection"),
    "complaint": N_("complaint"),
    "granted": N_("granted"),
    "partly": N_("granted in part"),
    # grounds for refusing a request
    "nothing of that place and time is recorded any more": N_("nothing of that place and time is recorded any more"),
    "the safety of the state, defence or public safety (CSI L.253-5)": N_(
        "the safety of the state, defence or public safety (CSI L.253-5)"
    ),
    "proceedings before a court, or preparations for them (CSI L.253-5)": N_(
        "proceedings before a court, or preparations for them (CSI L.253-5)"
    ),
    "the rights of others cannot be kept by masking (CSI L.253-5)": N_(
        "the rights of others cannot be kept by masking (CSI L.253-5)"
    ),
    "nothing shows that the person who asks was there": N_("nothing shows that the person who asks was there"),
    "manifestly unfounded or excessive (GDPR art. 12.5)": N_("manifestly unfounded or excessive (GDPR art. 12.5)"),
    # themes
    "auto": N_("as the system"),
    "dark": N_("dark"),
    "light": N_("light"),
}

CLOCKS = {
    "as received": N_("as received, never compared"),
    "set": N_("set by a person"),
    "event": N_("from an event seen by two cameras"),
    "camera": N_("by the camera's own clock"),
}
"""How it is known how a camera's clock goes."""

MEASURES = {
    "seconds inside": N_("inside for"),
    "dwell": N_("stayed"),
    "alone": N_("alone"),
    "gone": N_("gone"),
    "people": N_("people"),
    "vehicles": N_("vehicles"),
    "stopped": N_("stood for"),
    "speed": N_("speed"),
    "length": N_("length"),
    "on the ground": N_("on the ground for"),
    "likeness": N_("like a fight"),
    "jerk": N_("jerkiness of motion"),
    "share that runs": N_("running"),
    "against the stream": N_("against the stream"),
    "pressure": N_("crowd pressure"),
    "growth": N_("number since 20 s ago"),
    "density": N_("density"),
    "seconds it looks so": N_("looks so for"),
    "above what is usual here": N_("above what is usual here"),
    "flickers": N_("flickers"),
    "hours it has stood": N_("has stood for"),
    "tag": N_("tag, share of the wall"),
    "larger piece": N_("larger piece, share of the wall"),
    "painted area": N_("painted area"),
    "missing": N_("missing"),
    "moved or toppled": N_("moved or toppled"),
    "broken": N_("broken"),
    "burnt": N_("burnt"),
    "defaced": N_("defaced"),
    "crossings forward": N_("crossed forward"),
    "crossings backward": N_("crossed backward"),
    "resemblance": N_("sounds like it"),
    "jump": N_("began with a jump of"),
    "bands that stand out": N_("stands out in"),
    "loudness over the place": N_("louder than usual by"),
}

DRAWN = frozenset(
    {
        "presence",
        "dwell",
        "line_crossing",
        "wrong_way",
        "crowding",
        "dispersal",
        "fight",
        "fall",
        "counter_flow",
        "crowd_wave",
        "bottleneck",
        "speeding",
        "stopped_vehicle",
        "vehicle_in_pedestrian_zone",
        "gunshot",
        "explosion",
        "glass_breaking",
        "scream",
        "siren",
    }
)
"""Kinds with an icon of their own in ``static/icons.svg``."""


def span(words: Words, seconds: float) -> str:
    """A length of time as people say it: ``8 s``, ``2 min 05 s``, ``3 h 12 min``."""
    if seconds < 10:
        return f"{words.number(seconds)} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def ago(words: Words, seconds: float) -> str:
    """``just now``, ``40 s ago``, ``12 min ago``, ``3 h ago``, ``2 d ago``."""
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return words._("just now") if seconds < 5 else words._("{} ago").format(f"{seconds // size:.0f} {unit}")
    return words._("{} ago").format(f"{seconds // 86_400:.0f} " + words._("d"))


def why(words: Words, attention: Attention) -> str:
    """Why a camera stands where it stands: ``Wrong way · for 12 s``."""
    kind = words._(NAMES.get(attention.kind, attention.kind))
    if attention.why is Why.HAPPENS:
        return f"{kind} · " + words._("for {}").format(span(words, attention.for_s))
    if attention.why is Why.HAPPENED:
        return f"{kind} · {ago(words, attention.for_s)}"
    plain = {Why.GONE: N_("no picture"), Why.MOVES: N_("something moves"), Why.CALM: N_("nothing moves")}
    return words._(plain[attention.why])
