using System.ComponentModel;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Documents;

/// <summary>A document of the operator, which is replaced as a whole and kept in all its versions.</summary>
internal abstract record Document
{
    /// <summary>From 1; 0 if none was put. Set by the service and ignored in requests, so that a response can be sent back.</summary>
    [ReadOnly(true), JsonPropertyOrder(1)]
    public long Version { get; init; }

    /// <summary>When this version was put; null if none was. Set by the service and ignored in requests.</summary>
    [ReadOnly(true), JsonPropertyOrder(1)]
    public DateTimeOffset? RecordedAt { get; init; }
}

/// <summary>A kind of document.</summary>
/// <param name="Name">Its name in the store and the change log.</param>
/// <param name="Default">The document as long as none was put.</param>
internal sealed record DocumentType<T>(string Name, T Default) where T : Document
{
    /// <summary>Rules that depend on the state of the store.</summary>
    public Func<T, DocumentContext<T>, IEnumerable<FieldError>> Check { get; init; } = (_, _) => [];

    /// <summary>Adds what the service sets to a document that passed all rules.</summary>
    public Func<T, DocumentContext<T>, T> Complete { get; init; } = (sent, _) => sent;
}

/// <summary>State of the store when a document is put.</summary>
/// <param name="Current">The document that is replaced.</param>
/// <param name="Evidence">The evidence revision.</param>
/// <param name="Now">The time.</param>
internal sealed record DocumentContext<T>(T Current, long Evidence, DateTimeOffset Now) where T : Document;
