// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The stored form of a device's sessions: a version, then the current and the pending one, each behind a presence octet.
enum SessionCoding {
    private static let version: UInt8 = 2
    /// Without the trace of the last uplink.
    private static let firstVersion: UInt8 = 1

    static func encode(current: Rare<Session>, pending: Rare<Session>) -> [UInt8] {
        var writer = OctetWriter(capacity: pending.isPresent ? 400 : 200)
        writer.put(version)
        put(current, into: &writer)
        put(pending, into: &writer)
        return writer.take()
    }

    private static func put(_ session: Rare<Session>, into writer: inout OctetWriter) {
        let isPresent = session.read { put($0, into: &writer) } != nil
        if !isPresent { writer.put(UInt8(0)) }
    }

    /// nil when the octets are not a stored session of a known version.
    static func decode(_ octets: [UInt8], region: Region) -> (current: Session?, pending: Session?)? {
        var reader = OctetReader(octets)
        let version: UInt8 = reader.take()
        guard version == Self.version || version == firstVersion else { return nil }
        let hasTrace = version > firstVersion
        let current = takeSession(from: &reader, region, hasTrace: hasTrace)
        let pending = takeSession(from: &reader, region, hasTrace: hasTrace)
        return reader.isComplete ? (current, pending) : nil
    }

    private static func put(_ session: borrowing Session, into writer: inout OctetWriter) {
        var flags: UInt8 = 1
        if session.counterUp != nil { flags |= 2 }
        if session.coverage != nil { flags |= 4 }
        if session.is11 { flags |= 8 }
        if session.status.since != nil { flags |= 16 }
        if session.toldClass != nil { flags |= 32 }
        writer.put(flags)
        writer.put(session.number)
        writer.put(session.devAddr.rawValue)
        writer.put(session.fNwkSIntKey)
        writer.put(session.appSKey)
        if session.is11 {
            let keys = session.keys
            writer.put(keys.sNwkSIntKey)
            writer.put(keys.nwkSEncKey)
            writer.put(session.nextApplicationCounterDown)
            writer.put(UInt8(session.confirmedDowns.count))
            for counter in session.confirmedDowns { writer.put(counter) }
        }
        if let counter = session.counterUp {
            writer.put(counter)
            writer.put(session.lastTrace ?? 0)
        }
        if let coverage = session.coverage { writer.put(coverage) }
        if let since = session.status.since { writer.put(since) }
        if let toldClass = session.toldClass { writer.put(toldClass == .c ? 2 : 0 as UInt8) }
        writer.put(session.nextCounterDown)
        session.parameters.encode(into: &writer)
        session.adr.encode(into: &writer)
        session.dialogue.encode(into: &writer)
    }

    private static func takeSession(from reader: inout OctetReader, _ region: Region, hasTrace: Bool) -> Session? {
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
        let trace: UInt32? = counterUp != nil && hasTrace ? reader.take() : nil
        let coverage: UInt16? = flags & 4 != 0 ? reader.take() : nil
        let since: UInt32? = flags & 16 != 0 ? reader.take() : nil
        let toldClass: DeviceClass? = flags & 32 != 0 ? (reader.take(UInt8.self) == 2 ? .c : .a) : nil
        let counterDown = reader.take(UInt32.self)
        let parameters = DeviceParameters(from: &reader, region: region)
        var session = Session(number: number, devAddr: devAddr, keys: keys, is11: is11, parameters: parameters)
        session.counterUp = counterUp
        session.lastTrace = trace
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
