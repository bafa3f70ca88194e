// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import LoRaWAN
import Synchronization
import Testing

@testable import Store

@Suite struct FaultTests {
    let place: TemporaryStore

    init() throws {
        place = try TemporaryStore()
    }

    private func octetsOfFile() throws -> [UInt8] {
        let file = try #require(fopen(place.path, "r"))
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var octets = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        let read = fread(&octets, 1, octets.count, file)
        #expect(read == octets.count)
        return octets
    }

    private func write(_ octets: [UInt8]) throws {
        let file = try #require(fopen(place.path, "w"))
        let written = fwrite(octets, 1, octets.count, file)
        #expect(written == octets.count)
        fclose(file)
    }

    /// Runs statements on the file beside the store, as an operator's tool would.
    private func execute(_ sql: String) throws {
        try SQLiteConnection(path: place.path, access: .readWrite, busyTimeout: 0).execute(sql)
    }

    @Test("a database at its size limit says the disk is full, keeps nothing of the commit, and goes on with room")
    func diskFull() throws {
        let store = try place.open { $0.maximumBytes = 400_000 }
        let block = [UInt8](repeating: 7, count: 10_000)
        var kept = 0
        var refusal: StoreError?
        for number in 1...1000 where refusal == nil {
            refusal = failure { () throws(StoreError) in
                try store.commit([
                    .putSession(EUI64(rawValue: 1), [UInt8(truncatingIfNeeded: number)]),
                    .putOutbox(OutboxEntry(id: Int64(number), devEUI: EUI64(rawValue: 1), kind: 0, payload: block)),
                ])
            }
            if refusal == nil { kept = number }
        }
        let error = try #require(refusal)
        #expect(error.kind == .diskFull)
        #expect(error.reason == "disk_full")
        #expect(error.isTransient)
        #expect(error.mutation == nil)
        #expect(
            error.description == "cannot commit 2 changes in \(place.path): the disk is full; free space and it "
                + "goes on by itself (SQLite 13: database or disk is full)"
        )
        #expect(kept > 10)
        #expect(store.outboxCount == kept)
        #expect(try store.session(EUI64(rawValue: 1)) == [UInt8(truncatingIfNeeded: kept)])
        #expect(try store.lastOutboxID() == Int64(kept))
        #expect(store.statistics.failures == 1)
        try store.commit([.deleteOutbox(Array(1...5))])
        try store.commit([.putOutbox(OutboxEntry(id: 5000, devEUI: EUI64(rawValue: 1), kind: 0, payload: block))])
        #expect(store.outboxCount == kept - 4)
    }

    @Test("the reserve holds its room, gives it up, and takes it again")
    func reserve() throws {
        func size() -> Int {
            var status = stat()
            return stat(place.path + "-reserve", &status) == 0 ? Int(status.st_blocks) * 512 : -1
        }
        let reserve = DiskReserve(path: place.path + "-reserve", bytes: 1 << 20)
        #expect(reserve.isHeld)
        #expect(size() >= 1 << 20)
        reserve.release()
        #expect(!reserve.isHeld)
        #expect(size() == 0)
        reserve.restore()
        #expect(reserve.isHeld)
        #expect(size() >= 1 << 20)
    }

    @Test("while the disk is full, what removes is taken and what needs room is refused, until there is room")
    func fullDisk() throws {
        let store = try place.open { $0.maximumBytes = 400_000 }
        let payload = [UInt8](repeating: 7, count: 10_000)
        var last: Int64 = 0
        while last < 1000 {
            let entry = OutboxEntry(id: last + 1, devEUI: EUI64(rawValue: 1), kind: 0, payload: payload)
            guard failure({ () throws(StoreError) in try store.commit([.putOutbox(entry)]) }) == nil else { break }
            last += 1
        }
        #expect(last < 1000)
        for id in 1...last {
            try store.commit([.putSession(EUI64(rawValue: 1), [UInt8(truncatingIfNeeded: id)]), .deleteOutbox([id])])
        }
        #expect(store.outboxCount == 0)
        try store.commit([.putOutbox(OutboxEntry(id: last + 1, devEUI: EUI64(rawValue: 1), kind: 0, payload: payload))])
        #expect(store.outboxBytes == 10_000)
    }

    @Test("a file that this user may not write is refused as read-only")
    func readOnlyFile() throws {
        try place.open().close()
        #expect(chmod(place.directory, 0o777) == 0)
        #expect(chmod(place.path, 0o444) == 0)
        #expect(chmod(place.path + "-lock", 0o666) == 0)
        let path = place.path
        let seen = Mutex<StoreError?>(nil)
        // The superuser writes any file: this thread alone gives up the right to.
        let thread = NamedThread("unprivileged") {
            setFileSystemUser(65534)
            let error = failure { () throws(StoreError) in _ = try SQLiteStore(path: path) }
            seen.withLock { $0 = error }
        }
        thread.join()
        let error = seen.withLock(\.self)
        #expect(error?.kind == .readOnly)
        #expect(error?.description.contains("read-only; make it writable") == true)
    }

    @Test("a directory that does not exist is named")
    func missingDirectory() throws {
        let error = failure { () throws(StoreError) in _ = try SQLiteStore(path: "/nonexistent/a/bridge.db") }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.description.contains("/nonexistent/a/bridge.db") == true)
    }

    @Test("a file that is no database is refused and left as it is")
    func noDatabase() throws {
        let text = Array(String(repeating: "This is no database. ", count: 500).utf8)
        try write(text)
        let error = failure { () throws(StoreError) in _ = try place.open() }
        #expect(error?.kind == .corrupt)
        #expect(error?.isTransient == false)
        #expect(try octetsOfFile() == text)
    }

    @Test("damaged pages are an error of the call that meets them")
    func damagedPages() throws {
        let store = try place.open()
        try store.commit((0..<2000).map { .putJoinState(EUI64(rawValue: $0), [UInt8](repeating: 1, count: 100)) })
        try store.close()
        var octets = try octetsOfFile()
        for index in 4096 * 30..<octets.count { octets[index] = 0xA5 }
        try write(octets)
        let damaged = try place.open()
        var error: StoreError?
        for devEUI in 0..<2000 where error == nil {
            error = failure { () throws(StoreError) in _ = try damaged.joinState(EUI64(rawValue: UInt64(devEUI))) }
        }
        #expect(error?.kind == .corrupt)
        #expect(error?.reason == "corrupt")
        #expect(error?.action == "read a join state")
    }

    @Test("a log whose tail is damaged costs the damaged commits alone")
    func damagedLog() throws {
        let store = try place.open()
        for number in 1...20 { try store.commit([.putSession(EUI64(rawValue: UInt64(number)), [1])]) }
        // A copy of the files while the store runs is what a crash would leave.
        let copy = try TemporaryStore()
        for suffix in ["", "-wal"] {
            let source = try #require(fopen(place.path + suffix, "r"))
            let target = try #require(fopen(copy.path + suffix, "w"))
            var octets = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&octets, 1, octets.count, source)
            if suffix == "-wal" { for index in count - 100..<count { octets[index] ^= 0xFF } }
            #expect(fwrite(octets, 1, count, target) == count)
            fclose(source)
            fclose(target)
        }
        let recovered = try copy.open()
        var sessions: [UInt64] = []
        try recovered.forEachSession { devEUI, _ in sessions.append(devEUI.rawValue) }
        #expect(sessions == Array(1...19))
    }

    @Test("a database of a later version, or of another program, is refused")
    func foreignSchemas() throws {
        try place.open().close()
        try execute("PRAGMA user_version = 99")
        let newer = failure { () throws(StoreError) in _ = try place.open() }
        #expect(newer?.kind == .newerSchema(found: 99, supported: SQLiteSchema.version))
        #expect(newer?.description.contains("a later version of the service wrote it") == true)
        try execute("PRAGMA user_version = 3; PRAGMA application_id = 5")
        #expect(failure { () throws(StoreError) in _ = try place.open() }?.kind == .foreignDatabase)
    }

    @Test("another program that holds the database is waited for, then named")
    func locked() throws {
        let store = try place.open { $0.busyTimeoutMilliseconds = 10 }
        let tool = try SQLiteConnection(path: place.path, access: .readWrite, busyTimeout: 0)
        try tool.execute("BEGIN IMMEDIATE")
        let error = failure { () throws(StoreError) in try store.commit([.putSetting("a", [1])]) }
        #expect(error?.kind == .busy)
        #expect(error?.reason == "locked")
        #expect(error?.isTransient == true)
        try tool.execute("ROLLBACK")
        try store.commit([.putSetting("a", [1])])
        #expect(try store.setting("a") == [1])
    }

    @Test("one database is for one store; it is free again after a close")
    func inUse() throws {
        let store = try place.open()
        #expect(failure { () throws(StoreError) in _ = try place.open() }?.kind == .inUse)
        try store.close()
        #expect(failure { () throws(StoreError) in try store.commit([.putSetting("a", [1])]) }?.kind == .closed)
        #expect(failure { () throws(StoreError) in _ = try store.setting("a") }?.kind == .closed)
        _ = try place.open()
    }

    @Test("the files are their owner's alone")
    func fileModes() throws {
        let store = try place.open()
        try store.commit([.putSetting("a", [1])])
        for suffix in ["", "-wal", "-shm", "-lock", "-reserve"] {
            var status = stat()
            #expect(stat(place.path + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test("the log is copied to the database and begins anew, so that neither grows without end")
    func checkpoints() throws {
        let store = try place.open { $0.checkpointPages = 20 }
        for number in 0..<500 {
            try store.commit([.putSession(EUI64(rawValue: 1), [UInt8(truncatingIfNeeded: number)])])
        }
        let statistics = store.statistics
        #expect(statistics.commits == 500)
        #expect(statistics.checkpoints > 10)
        #expect(statistics.checkpointFailures == 0)
        #expect(statistics.logPages <= 25)
    }
}

/// `setfsuid(2)` of the calling thread; the C library's header is not in Swift's module of it.
private func setFileSystemUser(_ user: UInt32) {
    typealias SetFSUID = @convention(c) (UInt32) -> Int32
    guard let symbol = dlsym(nil, "setfsuid") else { return }
    _ = unsafeBitCast(symbol, to: SetFSUID.self)(user)
}
