import VenueKit
import Wire

/// The engine's refusal of a request; venues have refusals of their own.
typealias Refusal = Wire.Refusal
/// A venue's refusal.
typealias VenueRefusal = VenueKit.Refusal
