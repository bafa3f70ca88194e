// SPDX-License-Identifier: Apache-2.0

/// Everything that applications are told, before it takes the form of v2 or v3.
public indirect enum ApplicationMessage: Hashable, Sendable {
    case uplink(UplinkMessage)
    case activation(ActivationEvent)
    case downlink(DownlinkEvent)
    case invalidation(QueueInvalidation)
    case error(ErrorEvent)
    case device(DeviceEvent)
    case application(ApplicationEvent)
    case service(ServiceData)
    case location(SolvedLocation)
}
