using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>An entry that is ready to be stored, or its errors.</summary>
/// <param name="FhirPath">FHIRPath of the resource in the request.</param>
/// <param name="Errors">Empty if the entry can be stored.</param>
internal sealed record PreparedEntry(string FhirPath, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Null for a rejected entry and for one that is only a reference target.</summary>
    public PreparedSession? Session { get; init; }

    public long? Version { get; init; }

    /// <summary>The status of <see cref="Errors"/>.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    public bool IsCopy { get; init; }

    /// <summary>Whether the resource is an encounter that is kept for the scores of its session.</summary>
    public bool IsEncounter { get; init; }

    /// <summary>Whether the resource is of a type that is not read.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>FHIRPath of elements that were dropped unread, on the sender's preference.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    public ResourceReading? Reading { get; init; }

    public static PreparedEntry Rejected(string at, IReadOnlyList<FieldError> errors, int? status = null) =>
        new(at, errors) { Status = status ?? Problem.Invalid(errors).Kind.Status };
}

/// <summary>The outcome of an entry.</summary>
/// <param name="Status">Status that the entry would have had on its own.</param>
/// <param name="Errors">Errors by FHIRPath; empty if the entry was accepted.</param>
/// <param name="Version">The version sent; null if none was stored.</param>
/// <param name="Note">Note to the sender of an accepted entry.</param>
internal sealed record EntryOutcome(int Status, IReadOnlyList<FieldError> Errors, long? Version = null, string? Note = null)
{
    /// <summary>Whether the entry, or one of its forms, was not accepted.</summary>
    public bool IsRejected => Status >= 300 || Status == StatusCodes.Status207MultiStatus;

    /// <inheritdoc cref="PreparedEntry.Dropped"/>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    public static EntryOutcome From(PreparedEntry entry, SessionOutcome? stored)
    {
        if (entry.Errors.Count > 0)
        {
            return new(entry.Status, entry.Errors) { Dropped = entry.Dropped };
        }

        if (stored is null)
        {
            return new(StatusCodes.Status200OK, [],
                Note: entry.IsIgnored ? "It was not read, and is not kept." : "It was used to resolve references, and is not kept.")
            {
                Dropped = entry.Dropped,
            };
        }

        FieldError[] errors = [.. stored.AllErrors.Select(entry.Reading!.ToFhirPath)];
        // Of the forms of a response, some may have been accepted.
        var status = stored.IsAccepted || errors.Length == 0 ? stored.Status
            : stored.Measures.Select(m => m.Outcome.Status).FirstOrDefault(s => s is >= 300 and not StatusCodes.Status424FailedDependency, stored.Status);
        return new(status, errors, errors.Length == 0 ? entry.Version : null, NoteOf(entry, status))
        {
            Dropped = entry.Dropped,
        };
    }

    private static string? NoteOf(PreparedEntry entry, int status) => status switch
    {
        StatusCodes.Status200OK when entry.IsEncounter =>
            "It is kept: scores that name the same session and patient as it does have its therapist, treatment and number, whenever they come.",
        StatusCodes.Status201Created when entry.IsCopy => "It is stored, and counts once with the QuestionnaireResponse that it is derived from.",
        StatusCodes.Status201Created => "It is stored.",
        StatusCodes.Status200OK => "It was stored before.",
        _ => null,
    };
}
