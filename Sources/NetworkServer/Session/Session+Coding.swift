// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The stored form of a device's sessions: a version, then the current and the pending one, each behind a presence octet.
enum SessionCoding {
    private static let version: UInt8 = 1

    static func encode(current: Session?, pending: Session?) -> [UInt8] {
        var writer = OctetWriter(capacity: 160)
        writer.put(version)
        put(current, into: &writer)
        put(pending, into: &writer)
        return writer.octets
    }

    /// nil when the octets are not a stored session of a known version.
    static func decode(_ octets: [UInt8]) -> (current: Session?, pending: Session?)? {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == version else { return nil }
        let current = takeSession(from: &reader)
        let pending = takeSession(from: &reader)
        return reader.isComplete ? (current, pending) : nil
    }

    private static func put(_ session: Session?, into writer: inout OctetWriter) {
        guard let session else { return writer.put(UInt8(0)) }
        let hasCounter: UInt8 = session.counterUp == nil ? 0 : 2
        let hasCoverage: UInt8 = session.coverage == nil ? 0 : 4
        writer.put(1 | hasCounter | hasCoverage | (session.is11 ? 8 : 0) as UInt8)
        writer.put(session.number)
        writer.put(session.devAddr.rawValue)
        writer.put(session.keys.fNwkSIntKey)
        writer.put(session.keys.appSKey)
        if session.is11 {
            writer.put(session.keys.sNwkSIntKey)
            writer.put(session.keys.nwkSEncKey)
            writer.put(session.nextApplicationCounterDown)
            writer.put(session.lastConfirmedDown)
        }
        if let counter = session.counterUp { writer.put(counter) }
        if let coverage = session.coverage { writer.put(coverage) }
        writer.put(session.nextCounterDown)
        put(session.radio, into: &writer)
    }

    private static func takeSession(from reader: inout OctetReader) -> Session? {
        let flags = reader.take(UInt8.self)
        guard flags != 0 else { return nil }
        let is11 = flags & 8 != 0
        let number = reader.take(UInt32.self)
        let devAddr = DevAddr(rawValue: reader.take())
        let network = reader.takeKey()
        let application = reader.takeKey()
        var keys = SessionKeys(nwkSKey: network, appSKey: application)
        var applicationCounter: UInt32 = 0
        var lastConfirmed: UInt16 = 0
        if is11 {
            keys.sNwkSIntKey = reader.takeKey()
            keys.nwkSEncKey = reader.takeKey()
            applicationCounter = reader.take()
            lastConfirmed = reader.take()
        }
        let counterUp: UInt32? = flags & 2 != 0 ? reader.take() : nil
        let coverage: UInt16? = flags & 4 != 0 ? reader.take() : nil
        let counterDown = reader.take(UInt32.self)
        let radio = takeRadio(from: &reader)
        var session = Session(number: number, devAddr: devAddr, keys: keys, is11: is11, radio: radio)
        session.counterUp = counterUp
        session.coverage = coverage
        session.nextCounterDown = counterDown
        session.nextApplicationCounterDown = applicationCounter
        session.lastConfirmedDown = lastConfirmed
        return session
    }

    private static func put(_ radio: RadioParameters, into writer: inout OctetWriter) {
        writer.put(radio.rx1Delay)
        writer.put(radio.rx1DataRateOffset)
        writer.put(radio.rx2DataRate)
        writer.put(radio.rx2Frequency)
    }

    private static func takeRadio(from reader: inout OctetReader) -> RadioParameters {
        RadioParameters(
            rx1Delay: reader.take(),
            rx1DataRateOffset: reader.take(),
            rx2DataRate: reader.take(),
            rx2Frequency: reader.take(),
        )
    }
}
