"""The composite studio: real fixed-camera footage and pictures, real graffiti, made furniture and bags, made weather.

What is true is known exactly, because it was put there. Everything is drawn from a seed. Pictures and cameras used for
learning are never used for testing. Figures measured on it are labelled "composite": they say what happens under made
light, not what happens in a street.
"""

from composite.days import Day, Look
from composite.incidents import Incident, Kind
from composite.marks import Mark, marks
from composite.plates import Plate, plates
from composite.reel import write_reel

__all__ = ["Day", "Incident", "Kind", "Look", "Mark", "Plate", "marks", "plates", "write_reel"]
