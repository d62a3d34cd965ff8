/// The machine could not do a cryptographic operation it always can.
public enum CryptoFault: Error, Equatable, Sendable {
  /// The system gave no memory for a secret.
  case outOfMemory
  /// The random generator gave nothing; nothing may be encrypted.
  case noRandomness
  /// libcrypto refused the named operation.
  case library(String)
}
