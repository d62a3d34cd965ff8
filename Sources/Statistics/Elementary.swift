import func Glibc.exp
import func Glibc.log
import func Glibc.log1p
import func Glibc.pow

/// The elementary functions that the standard library lacks, by their mathematical names.
public enum Elementary {
  /// The natural logarithm; minus infinity at zero, not a number below.
  public static func log(_ x: Double) -> Double { Glibc.log(x) }

  /// The exponential function.
  public static func exp(_ x: Double) -> Double { Glibc.exp(x) }

  /// The logarithm of one more than a number, exact for small numbers.
  public static func log1p(_ x: Double) -> Double { Glibc.log1p(x) }

  /// A number raised to a power.
  public static func pow(_ base: Double, _ exponent: Double) -> Double {
    Glibc.pow(base, exponent)
  }
}
