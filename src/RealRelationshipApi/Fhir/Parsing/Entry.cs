using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>What a request asks to have stored, as far as it is known before it is.</summary>
/// <param name="At">FHIRPath of the resource in the request.</param>
/// <param name="Faults">Why it is refused; empty where it may be stored.</param>
internal sealed record Entry(string At, IReadOnlyList<FieldError> Faults)
{
    /// <summary>Null where nothing of it is stored: it is refused, or there only to be pointed to.</summary>
    public PreparedSession? Session { get; init; }

    public long? Version { get; init; }

    /// <summary>The status of <see cref="Faults"/>.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    public bool IsCopy { get; init; }

    public Reading? Reading { get; init; }

    public static Entry Refused(string at, IReadOnlyList<FieldError> faults, int? status = null) => new(at, faults) { Status = status ?? Problem.Invalid(faults).Kind.Status };
}

/// <summary>What came of an entry.</summary>
/// <param name="Status">As it would have had alone.</param>
/// <param name="Faults">Why it was refused, by FHIRPath.</param>
/// <param name="Version">The version that was sent; null where none was stored.</param>
/// <param name="Note">What the sender should know though nothing is wrong.</param>
internal sealed record EntryOutcome(int Status, IReadOnlyList<FieldError> Faults, long? Version = null, string? Note = null)
{
    public bool IsRefused => Status >= 300;

    public static EntryOutcome Of(Entry entry, SessionOutcome? stored)
    {
        if (entry.Faults.Count > 0)
        {
            return new(entry.Status, entry.Faults);
        }

        if (stored is null)
        {
            return new(StatusCodes.Status200OK, [], Note: "It was used to resolve references, and is not kept.");
        }

        FieldError[] faults = [.. stored.AllFaults.Select(entry.Reading!.InSendersNames)];
        return new(stored.Status, faults, faults.Length == 0 ? entry.Version : null, NoteOf(entry, stored.Status));
    }

    private static string? NoteOf(Entry entry, int status) => status switch
    {
        StatusCodes.Status201Created when entry.IsCopy => "It is stored, and counts once with the QuestionnaireResponse that it is derived from.",
        StatusCodes.Status201Created => "It is stored.",
        StatusCodes.Status200OK => "It was stored before.",
        _ => null,
    };
}
