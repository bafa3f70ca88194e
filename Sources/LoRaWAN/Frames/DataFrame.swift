// SPDX-License-Identifier: Apache-2.0

/// A data frame as it is on the air, payload still encrypted, without the MIC (LoRaWAN 1.0.4 section 4).
public struct DataFrame: Hashable, Sendable {
    /// Octets of the shortest data frame without MIC.
    static let minimumLength = 8
    /// The most octets FOpts may hold.
    public static let maximumOptions = 15

    /// Which way it travels.
    public var direction: FrameDirection
    /// Whether the receiver must answer with an ACK.
    public var isConfirmed: Bool
    /// The address of the session.
    public var devAddr: DevAddr
    /// FCtrl without the length of FOpts.
    public var control: FrameControl
    /// The low 16 bits of the frame counter.
    public var counter: UInt16
    /// FOpts as on air: MAC commands, encrypted in LoRaWAN 1.1; at most 15 octets.
    public var options: [UInt8]
    /// FPort; nil when the frame ends after FOpts.
    public var port: UInt8?
    /// FRMPayload as on air; empty when `port` is nil.
    public var payload: [UInt8]

    /// A frame from its parts. Options above 15 octets, options with port 0, or a payload without a port are defects of the caller.
    public init(
        direction: FrameDirection,
        isConfirmed: Bool,
        devAddr: DevAddr,
        control: FrameControl,
        counter: UInt16,
        options: [UInt8] = [],
        port: UInt8? = nil,
        payload: [UInt8] = [],
    ) {
        self.direction = direction
        self.isConfirmed = isConfirmed
        self.devAddr = devAddr
        self.control = control
        self.counter = counter
        self.options = options
        self.port = port
        self.payload = payload
    }

    /// Reads a data frame whose first octet has been found to be one.
    init(body octets: [UInt8], direction: FrameDirection, isConfirmed: Bool) throws(FrameError) {
        guard octets.count >= Self.minimumLength else {
            throw .truncated(part: .frameHeader, needed: Self.minimumLength, count: octets.count)
        }
        let optionsEnd = Self.minimumLength + Int(octets[5] & 15)
        guard octets.count >= optionsEnd else {
            throw .truncated(part: .options, needed: optionsEnd, count: octets.count)
        }
        let port = octets.count > optionsEnd ? octets[optionsEnd] : nil
        if port == 0, optionsEnd > Self.minimumLength { throw .optionsWithPortZero }
        self.init(
            direction: direction,
            isConfirmed: isConfirmed,
            devAddr: octets.devAddr(at: 1),
            control: FrameControl(octet: octets[5]),
            counter: octets.uint16(at: 6),
            options: Array(octets[Self.minimumLength..<optionsEnd]),
            port: port,
            payload: port == nil ? [] : Array(octets[(optionsEnd + 1)...]),
        )
    }

    /// MHDR to FRMPayload: what the MIC covers and what precedes it on air.
    public func encodedWithoutMIC() -> [UInt8] {
        precondition(options.count <= Self.maximumOptions, "FOpts holds 15 octets at most")
        precondition(port != nil || payload.isEmpty, "a payload needs a port")
        precondition(port != 0 || options.isEmpty, "MAC commands travel in FOpts or on port 0, not both")
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.minimumLength + options.count + 1 + payload.count + MIC.length)
        octets.append(MessageType.data(direction, isConfirmed: isConfirmed).header)
        octets.append(devAddr)
        octets.append(control.bits | UInt8(options.count))
        octets.appendLittleEndian(counter, count: 2)
        octets += options
        if let port {
            octets.append(port)
            octets += payload
        }
        return octets
    }
}
