import BigInt
import Foundation

extension BigInt {
  /// A number of bytes, the greatest first.
  init(unsigned bytes: some Collection<UInt8>) {
    self.init(sign: .plus, magnitude: BigUInt(Data(bytes)))
  }
}
