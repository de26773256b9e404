"""An obvious book to hold the real one against: a list, sorted for every question."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Resting:
    order_id: int
    buys: bool
    price: int
    leaves: int
    executed: int
    arrival: int


@dataclass
class ReferenceBook:
    orders: list[Resting] = field(default_factory=list)
    arrivals: int = 0

    def side(self, buys: bool) -> list[Resting]:
        """Orders in the sequence in which they would trade."""
        sign = -1 if buys else 1
        mine = [order for order in self.orders if order.buys is buys]
        return sorted(mine, key=lambda order: (sign * order.price, order.arrival))

    def submit(self, order_id, buys, quantity, price, tif):
        """The trades (resting id, price, quantity) of a valid new order."""
        if tif == "FOK" and sum(o.leaves for o in self.reachable(buys, price)) < quantity:
            return []
        trades, left = self.match(buys, quantity, price)
        if left and tif == "DAY" and price is not None:
            self.rest(order_id, buys, price, left, quantity - left)
        return trades

    def cancel(self, order_id):
        self.orders = [order for order in self.orders if order.order_id != order_id]

    def find(self, order_id):
        return next((order for order in self.orders if order.order_id == order_id), None)

    def replace(self, order_id, quantity, price):
        """The trades of a valid replace, or None where it is below what executed."""
        order = self.find(order_id)
        if quantity < order.executed:
            return None
        leaves = quantity - order.executed
        if price == order.price and 0 < leaves <= order.leaves:
            order.leaves = leaves
            return []
        self.cancel(order_id)
        if not leaves:
            return []
        trades, left = self.match(order.buys, leaves, price)
        if left:
            self.rest(order_id, order.buys, price, left, quantity - left)
        return trades

    def reachable(self, buys, price):
        return [
            order
            for order in self.side(not buys)
            if price is None or (order.price <= price if buys else order.price >= price)
        ]

    def match(self, buys, left, price):
        trades = []
        for order in self.reachable(buys, price):
            quantity = min(left, order.leaves)
            if quantity:
                trades.append((order.order_id, order.price, quantity))
                order.leaves -= quantity
                order.executed += quantity
                left -= quantity
        self.orders = [order for order in self.orders if order.leaves]
        return trades, left

    def rest(self, order_id, buys, price, leaves, executed):
        self.arrivals += 1
        self.orders.append(Resting(order_id, buys, price, leaves, executed, self.arrivals))

    def levels(self, buys):
        totals: dict[int, list[int]] = {}
        for order in self.side(buys):
            level = totals.setdefault(order.price, [0, 0])
            level[0] += order.leaves
            level[1] += 1
        return [(price, quantity, count) for price, (quantity, count) in totals.items()]
