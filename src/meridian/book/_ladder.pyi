from meridian.book.pure_ladder import Ladder as Ladder
