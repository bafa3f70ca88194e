// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// When and how the RAN shall send a frame. Combinations that the RAN refuses cannot be made.
public struct TransmissionWindow: Sendable, Hashable {
    /// In hertz.
    public let frequency: UInt32
    /// How the frame is put on the air, with its data rate.
    public let modulation: Modulation
    /// When it is sent.
    public let timing: TransmissionTiming

    /// A window from its parts; the frequency in hertz.
    public init(frequency: UInt32, modulation: Modulation, timing: TransmissionTiming) {
        self.frequency = frequency
        self.modulation = modulation
        self.timing = timing
    }
}

/// When the RAN shall send a frame.
public enum TransmissionTiming: Sendable, Hashable {
    /// Class A: counted from the device's last acknowledged upstream message. Not for multicast.
    case delay(TransmissionDelay)
    /// Class B: ping slots.
    case gps(GPSTimes)
    /// Class C: as soon as possible, at the latest then.
    case deadline(TransmissionDeadline)

    /// A delay of 1 to 15 seconds; nil outside of that.
    public static func delay(seconds: Int) -> TransmissionTiming? {
        TransmissionDelay(seconds: seconds).map { .delay($0) }
    }

    /// Class C at once.
    public static var now: TransmissionTiming { .deadline(.now) }
}

/// 1 to 15 whole seconds.
public struct TransmissionDelay: Sendable, Hashable {
    /// 1 to 15.
    public let seconds: UInt8

    /// Nil outside of 1...15.
    public init?(seconds: Int) {
        guard (1...15).contains(seconds) else { return nil }
        self.seconds = UInt8(seconds)
    }
}

/// 1 to 8 moments of GPS time.
public struct GPSTimes: Sendable, Hashable {
    /// Milliseconds since 1980-01-06T00:00:00Z, leap seconds counted.
    public let milliseconds: [UInt64]

    /// Nil for none or more than 8.
    public init?(milliseconds: [UInt64]) {
        guard (1...8).contains(milliseconds.count) else { return nil }
        self.milliseconds = milliseconds
    }
}

/// The latest moment for a class C transmission.
public enum TransmissionDeadline: Sendable, Hashable {
    /// At once.
    case now
    /// Not after that moment, which the RAN allows at most 512 s ahead.
    case until(UnixTime)

    /// The farthest deadline that the RAN takes.
    static let horizon: Duration = .seconds(512)
}
