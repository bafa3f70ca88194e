// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Why the store could not do what it was asked. Nothing of a refused commit is kept.
public struct StoreError: Error, Hashable, Sendable {
    /// The kinds that decide what to do.
    public enum Kind: Hashable, Sendable {
        /// No space is left for the database.
        case diskFull
        /// The file or its file system is read-only.
        case readOnly
        /// Another program holds the database longer than the store waits.
        case busy
        /// Another process of this service has the database open.
        case inUse
        /// The file is damaged, or is no database at all.
        case corrupt
        /// Reading or writing the file failed.
        case inputOutput
        /// The file cannot be opened or created.
        case cannotOpen
        /// A later version of the service wrote this database.
        case newerSchema(found: Int, supported: Int)
        /// The file is a database of another program.
        case foreignDatabase
        case outOfMemory
        /// A text or a payload is longer than SQLite takes.
        case tooLong
        /// The store was closed.
        case closed
        /// A device with this DevEUI exists already.
        case devEUITaken(EUI64, by: DeviceRecord.Key)
        /// A device, group or key names an application that does not exist.
        case unknownApplication(String)
        /// A multicast group has this address already.
        case addressTaken(DevAddr)
        /// A stored value is none that this version knows.
        case unreadable
        /// Anything else that SQLite says; see `code`.
        case unexpected
    }

    public var kind: Kind
    /// SQLite's extended result code; 0 when the store itself refuses.
    public var code: Int32
    /// What was tried, as in "commit 12 changes".
    public var action: String
    /// The database file.
    public var path: String
    /// What came back, in SQLite's words or the store's.
    public var detail: String
    /// Which mutation of the commit is at fault, from 0; nil when none in particular is. The others may be tried again.
    public var mutation: Int?

    init(_ kind: Kind, code: Int32 = 0, action: String = "", path: String = "", detail: String = "") {
        self.kind = kind
        self.code = code
        self.action = action
        self.path = path
        self.detail = detail
    }

    /// For owners that refuse a commit themselves because the store is about to be closed.
    public static let stopping = StoreError(.closed, action: "commit")

    /// Whether the same call may succeed later, by itself or once the operator has acted.
    public var isTransient: Bool {
        switch kind {
        case .diskFull, .readOnly, .busy, .inputOutput, .outOfMemory: true
        default: false
        }
    }

    /// Whether one change is wrong in itself, so that the others of its commit may be tried without it. Any other error is
    /// about the database as a whole.
    public var blamesChange: Bool {
        switch kind {
        case .tooLong, .devEUITaken, .unknownApplication, .addressTaken: true
        default: false
        }
    }

    /// A stable word for logs, metrics and answers.
    public var reason: String {
        switch kind {
        case .diskFull: "disk_full"
        case .readOnly: "read_only"
        case .busy: "locked"
        case .inUse: "in_use"
        case .corrupt: "corrupt"
        case .inputOutput: "io_error"
        case .cannotOpen: "cannot_open"
        case .newerSchema: "newer_schema"
        case .foreignDatabase: "foreign_database"
        case .outOfMemory: "out_of_memory"
        case .tooLong: "too_long"
        case .closed: "closed"
        case .devEUITaken: "dev_eui_taken"
        case .unknownApplication: "unknown_application"
        case .addressTaken: "address_taken"
        case .unreadable: "unreadable"
        case .unexpected: "unexpected"
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        let tried = "cannot \(action.isEmpty ? "use the database" : action)\(path.isEmpty ? "" : " in \(path)")"
        let said = detail.isEmpty ? "" : code == 0 ? " (\(detail))" : " (SQLite \(code): \(detail))"
        return "\(tried): \(sentence)\(said)"
    }

    private var sentence: String {
        switch kind {
        case .diskFull: "the disk is full; free space and it goes on by itself"
        case .readOnly: "the file or its file system is read-only; make it writable for this user"
        case .busy: "another program holds the database locked; end it or wait for it"
        case .inUse: "another process of this service has it open; stop that one or give this one a file of its own"
        case .corrupt: "the file is damaged or no database; restore a backup or move it away"
        case .inputOutput: "reading or writing the file failed; look at the disk and the kernel's log"
        case .cannotOpen: "the file cannot be opened or created; its directory must exist and be writable for this user"
        case .newerSchema(let found, let supported):
            "a later version of the service wrote it (schema \(found), this one knows \(supported)); run that version"
        case .foreignDatabase: "it is a database of another program; name another file"
        case .outOfMemory: "memory is exhausted"
        case .tooLong: "a text or payload is longer than the database takes"
        case .closed: "the store is closed"
        case .devEUITaken(let devEUI, let owner):
            "the DevEUI \(devEUI) belongs to device \(owner.deviceID) of application \(owner.applicationID)"
        case .unknownApplication(let id): "there is no application \(id)"
        case .addressTaken(let address): "the address \(address) belongs to another multicast group"
        case .unreadable: "a stored value is none that this version knows; restore a backup"
        case .unexpected: "SQLite refuses"
        }
    }
}
