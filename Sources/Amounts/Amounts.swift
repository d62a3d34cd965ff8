// Exact money.
//
// Amounts says how much: of an asset (`Quantity`), for one unit (`Price`), in a currency (`Money`).
// All three rest on `Fixed`, a 128-bit integer counting units of 10⁻¹⁸. The module is pure.
//
// Always: a value read from outside is either exact or an error; a division or a product names its
// rounding; overflow of outside data is an error value. Never: a Double, a silent rounding.
//
// Read in this order: `Fixed.swift`, `Fixed+Text.swift`, `Fixed+Arithmetic.swift`,
// `Rounding.swift`, `Allocation.swift`, `Quantity.swift`, `Price.swift`, `Money.swift`.
