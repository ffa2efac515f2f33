import BigInt
import Foundation

extension BigInt {
  /// A number of bytes, the greatest first.
  init(unsigned bytes: some Collection<UInt8>) {
    self.init(sign: .plus, magnitude: BigUInt(Data(bytes)))
  }

  /// So many bytes, the greatest first.
  func bytes(_ count: Int) -> [UInt8] {
    let bytes = [UInt8](magnitude.serialize())
    return Array(repeating: 0, count: count - bytes.count) + bytes
  }
}
