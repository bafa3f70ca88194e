// SPDX-License-Identifier: Apache-2.0
internal import NetworkServer
internal import RANClient
internal import TTNMessages

/// What may leave the house only after a commit.
enum CommitAction: Sendable {
    /// Answers an upstream message on the socket that delivered it.
    case reply(UpstreamOrigin, UpstreamReply)
    /// Hands a frame to the RAN.
    case transmit(Transmission)
    /// Publishes a message that stands in the outbox.
    case publish(OutboxItem)
    /// Publishes something that need not survive a crash.
    case announce(ApplicationMessage)
}
