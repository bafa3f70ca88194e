// SPDX-License-Identifier: Apache-2.0
internal import NetworkServer
internal import Store

/// A registration that can serve, in the forms in which it takes effect.
struct Enrolment: Sendable {
    /// What the store keeps.
    let record: DeviceRecord
    /// What the pipelines see.
    let entry: DeviceEntry
    /// What the network server needs.
    let profile: DeviceProfile

    /// - Throws: when the configuration has not what the registration names.
    init(
        _ record: DeviceRecord,
        in application: ApplicationEntry,
        coverages: [CoverageRegion],
    ) throws(RegistrationError) {
        self.record = record
        profile = try DeviceProfile(record, coverages: coverages)
        entry = DeviceEntry(record, in: application, coverage: profile.coverage)
    }
}
