import CZlib

/// Why packed bytes cannot be unpacked.
public enum UnpackingFault: Error, Hashable, Sendable {
  /// They hold more than is allowed.
  case tooLarge
  /// They are no gzip (RFC 1952) or zlib (RFC 1950), are damaged, cut off or followed by more.
  case damaged
}

/// Unpacks one gzip or zlib stream, as some venues send in web socket frames.
///
/// - Parameters:
///   - packed: The whole stream.
///   - limit: The most bytes that may come out.
/// - Returns: The bytes.
/// - Throws: `UnpackingFault`; nothing larger than `limit` is ever held.
public func gunzip(_ packed: [UInt8], limit: Int) throws(UnpackingFault) -> [UInt8] {
  guard packed.count < Int(UInt32.max) else { throw .tooLarge }
  var stream = z_stream()
  guard cz_begin(&stream) == Z_OK else { throw .damaged }
  defer { inflateEnd(&stream) }
  var output: [UInt8] = []
  let piece = 64 * 1024
  var status = Z_OK
  var isTooLarge = false
  // zlib does not write to its input; the pointer is mutable for historical reasons.
  var packed = packed
  packed.withUnsafeMutableBufferPointer { input in
    stream.next_in = input.baseAddress
    stream.avail_in = UInt32(input.count)
    while status == Z_OK, !isTooLarge {
      let room = min(piece, max(0, limit - output.count) + 1)
      let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(room)
        status = inflate(&stream, Z_NO_FLUSH)
        count = room - Int(stream.avail_out)
      }
      isTooLarge = output.count + part.count > limit
      if !isTooLarge { output += part }
    }
  }
  guard !isTooLarge else { throw .tooLarge }
  guard status == Z_STREAM_END, stream.avail_in == 0 else { throw .damaged }
  return output
}
