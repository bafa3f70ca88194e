// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What must survive: registry, sessions, queues and the outbox.
///
/// Reads see every commit that returned and may run on any thread beside one commit. All calls block: keep them off
/// Swift's pool.
public protocol Store: Sendable {
    /// Applies the changes in their order as one transaction, durable (synced to the disk) when it returns. On an error
    /// nothing of them is kept, and the same commit may be tried again. While the disk is full, a commit that only
    /// removes things and puts sessions, join states and settings still succeeds: try it without the rest.
    ///
    /// - Parameter lists: applied one after the other; an error counts through all of them to the change at fault.
    func commit(_ lists: [[StoreMutation]]) throws(StoreError)

    /// All applications, by id.
    func applications() throws(StoreError) -> [ApplicationRecord]
    func application(_ id: String) throws(StoreError) -> ApplicationRecord?

    /// A page of devices of all applications by application, then device; `after` is the last key of the page before.
    func devices(after key: DeviceRecord.Key?, limit: Int) throws(StoreError) -> [DeviceRecord]
    /// A page of an application's devices by device id; `after` is the last id of the page before.
    func devices(of applicationID: String, after deviceID: String?, limit: Int) throws(StoreError) -> [DeviceRecord]
    func device(_ applicationID: String, _ deviceID: String) throws(StoreError) -> DeviceRecord?
    func device(_ devEUI: EUI64) throws(StoreError) -> DeviceRecord?
    func deviceCount() throws(StoreError) -> Int

    /// Cuts the devices into at most that many parts of about equal size, so that as many threads can read them.
    func deviceRanges(_ parts: Int) throws(StoreError) -> [DeviceRange]
    /// Every device of a part with its states, for a start: read in pages, not as one moment's picture. A row that cannot
    /// be read costs its device alone. Parts may be read at the same time.
    func forEachStoredDevice(in range: DeviceRange, _ body: (StoredDevicePage) -> Void) throws(StoreError)
    /// Every session, in the same manner.
    func forEachSession(_ body: (EUI64, [UInt8]) -> Void) throws(StoreError)
    func session(_ devEUI: EUI64) throws(StoreError) -> [UInt8]?
    func joinState(_ devEUI: EUI64) throws(StoreError) -> [UInt8]?

    /// A device's queue in its order.
    func downlinks(_ devEUI: EUI64) throws(StoreError) -> [DownlinkEntry]
    /// Every queue, device after device, each in its order; read in pages.
    func forEachDownlink(_ body: (DownlinkEntry) -> Void) throws(StoreError)

    /// The entries above an id, in ascending order.
    func outbox(after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry]
    /// Entries by id, in ascending order; those that are gone are left out.
    func outboxEntries(_ ids: [Int64]) throws(StoreError) -> [OutboxEntry]
    /// The entries above an id without payloads, for those that need not read them.
    func outboxHeads(after id: Int64, limit: Int) throws(StoreError) -> [OutboxHead]
    /// The highest id in the outbox; 0 when it is empty.
    func lastOutboxID() throws(StoreError) -> Int64
    /// How many entries the outbox holds after the last commit. Never blocks.
    var outboxCount: Int { get }
    /// How many octets of payload they hold. Never blocks.
    var outboxBytes: Int { get }

    /// An application's access keys, by name.
    func accessKeys(of applicationID: String) throws(StoreError) -> [AccessKeyRecord]
    /// All multicast groups by application, then group.
    func multicastGroups() throws(StoreError) -> [MulticastGroupRecord]
    /// The network server's state of a multicast address; also when no group has it any more.
    func groupState(_ address: DevAddr) throws(StoreError) -> [UInt8]?
    /// The queue of a multicast address in its order.
    func groupDownlinks(_ address: DevAddr) throws(StoreError) -> [GroupDownlinkEntry]
    /// What this service made of groups at a coverage's RAN, by address.
    func groupMirrors(of coverage: String) throws(StoreError) -> [GroupMirrorRecord]
    /// A page of what was asked of a coverage's routing table, in the order of DevEUIs as signed numbers.
    func routes(of coverage: String, after devEUI: EUI64?, limit: Int) throws(StoreError) -> [RouteRecord]
    func answer(scope: String, requestID: String) throws(StoreError) -> AnswerRecord?
    func setting(_ name: String) throws(StoreError) -> [UInt8]?
}

extension Store {
    /// Applies one list of changes as a transaction.
    public func commit(_ mutations: [StoreMutation]) throws(StoreError) {
        try commit([mutations])
    }
}
