// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The stored form of a device's sessions: a version, then the current and the pending one, each behind a presence octet.
enum SessionCoding {
    private static let version: UInt8 = 1

    static func encode(current: Session?, pending: Session?) -> [UInt8] {
        var writer = OctetWriter(capacity: 200)
        writer.put(version)
        put(current, into: &writer)
        put(pending, into: &writer)
        return writer.octets
    }

    /// nil when the octets are not a stored session of a known version.
    static func decode(_ octets: [UInt8], region: Region) -> (current: Session?, pending: Session?)? {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == version else { return nil }
        let current = takeSession(from: &reader, region)
        let pending = takeSession(from: &reader, region)
        return reader.isComplete ? (current, pending) : nil
    }

    private static func put(_ session: Session?, into writer: inout OctetWriter) {
        guard let session else { return writer.put(UInt8(0)) }
        var flags: UInt8 = 1
        if session.counterUp != nil { flags |= 2 }
        if session.coverage != nil { flags |= 4 }
        if session.is11 { flags |= 8 }
        if session.status.since != nil { flags |= 16 }
        if session.toldClass != nil { flags |= 32 }
        writer.put(flags)
        writer.put(session.number)
        writer.put(session.devAddr.rawValue)
        writer.put(session.keys.fNwkSIntKey)
        writer.put(session.keys.appSKey)
        if session.is11 {
            writer.put(session.keys.sNwkSIntKey)
            writer.put(session.keys.nwkSEncKey)
            writer.put(session.nextApplicationCounterDown)
            writer.put(UInt8(session.confirmedDowns.count))
            for counter in session.confirmedDowns { writer.put(counter) }
        }
        if let counter = session.counterUp { writer.put(counter) }
        if let coverage = session.coverage { writer.put(coverage) }
        if let since = session.status.since { writer.put(since) }
        if let toldClass = session.toldClass { writer.put(toldClass == .c ? 2 : 0 as UInt8) }
        writer.put(session.nextCounterDown)
        session.parameters.encode(into: &writer)
        session.adr.encode(into: &writer)
        session.dialogue.encode(into: &writer)
    }

    private static func takeSession(from reader: inout OctetReader, _ region: Region) -> Session? {
        let flags = reader.take(UInt8.self)
        guard flags != 0 else { return nil }
        let is11 = flags & 8 != 0
        let number = reader.take(UInt32.self)
        let devAddr = DevAddr(rawValue: reader.take())
        let network = reader.takeKey()
        let application = reader.takeKey()
        var keys = SessionKeys(nwkSKey: network, appSKey: application)
        var applicationCounter: UInt32 = 0
        var confirmedDowns: [UInt16] = []
        if is11 {
            keys.sNwkSIntKey = reader.takeKey()
            keys.nwkSEncKey = reader.takeKey()
            applicationCounter = reader.take()
            for _ in 0..<reader.take(UInt8.self) { confirmedDowns.append(reader.take()) }
        }
        let counterUp: UInt32? = flags & 2 != 0 ? reader.take() : nil
        let coverage: UInt16? = flags & 4 != 0 ? reader.take() : nil
        let since: UInt32? = flags & 16 != 0 ? reader.take() : nil
        let toldClass: DeviceClass? = flags & 32 != 0 ? (reader.take(UInt8.self) == 2 ? .c : .a) : nil
        let counterDown = reader.take(UInt32.self)
        let parameters = DeviceParameters(from: &reader, region: region)
        var session = Session(number: number, devAddr: devAddr, keys: keys, is11: is11, parameters: parameters)
        session.counterUp = counterUp
        session.coverage = coverage
        session.status.since = since
        session.toldClass = toldClass
        session.nextCounterDown = counterDown
        session.nextApplicationCounterDown = applicationCounter
        session.restore(confirmedDowns: confirmedDowns)
        session.adr = ADRState(from: &reader)
        session.dialogue = MacDialogue(from: &reader)
        return session
    }
}
