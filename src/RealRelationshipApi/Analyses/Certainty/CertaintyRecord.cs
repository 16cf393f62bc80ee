using System.ComponentModel;

using FluentValidation;

using RealRelationshipApi.Documents;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Certainty;

/// <summary>What the certainty of evidence is judged by.</summary>
internal enum CertaintyDomain { RiskOfBias, Inconsistency, Indirectness, Imprecision, PublicationBias }

/// <summary>How much a domain lowers the certainty: not at all, by one level, or by two.</summary>
internal enum CertaintyJudgement { None, Serious, VerySerious, NotAssessable }

internal enum CertaintyLevel { High, Moderate, Low, VeryLow }

/// <summary>Judgements that people signed, for the question of <c>/meta/certainty</c> with its defaults.</summary>
internal sealed record CertaintyRecord : Document
{
    public static DocumentType<CertaintyRecord> Type { get; } = new("certainty", new CertaintyRecord())
    {
        Check = CheckRevisions,
        Complete = (sent, state) => sent with
        {
            StartsAt = sent.StartsAt is { } start ? Complete(start, state.Current.StartsAt, state) : null,
            Judgements = [.. sent.Judgements.Select(j => Complete(j, state.Current.Judgements.FirstOrDefault(c => c.Domain == j.Domain), state))],
        },
    };

    /// <summary>The certainty before any domain lowers it, such as of the design of the studies; null until signed.</summary>
    public SignedStart? StartsAt { get; init; }

    /// <summary>At most one judgement of each domain.</summary>
    public IReadOnlyList<SignedJudgement> Judgements { get; init; } = [];

    private static IEnumerable<FieldError> CheckRevisions(CertaintyRecord sent, DocumentContext<CertaintyRecord> state) =>
        sent.Judgements.Select((j, i) => ($"#/judgements/{i}/evidenceRevision", j.EvidenceRevision))
            .Prepend(("#/startsAt/evidenceRevision", sent.StartsAt?.EvidenceRevision)).Where(at => at.EvidenceRevision > state.Evidence)
            .Select(at => new FieldError(at.Item1, "future", $"lies in the future: the evidence is at revision {state.Evidence}"));

    // A judgement that is sent again keeps when, and of which evidence, it was signed.
    private static T Complete<T>(T sent, T? earlier, DocumentContext<CertaintyRecord> state) where T : Signature =>
        earlier is not null && Equals(sent with { At = earlier.At, EvidenceRevision = sent.EvidenceRevision ?? earlier.EvidenceRevision }, earlier) ? earlier
            : (T)(sent with { At = state.Now, EvidenceRevision = sent.EvidenceRevision ?? state.Evidence });
}

/// <summary>Who signed a judgement, why, when, and of which evidence.</summary>
internal abstract record Signature
{
    /// <summary>Why it is judged so.</summary>
    public required string Reason { get; init; }

    /// <summary>Name of the person who signs.</summary>
    public required string By { get; init; }

    /// <summary>Evidence revision that was judged, <c>data.revision</c> of <c>/meta/certainty</c>; default the current one.</summary>
    public long? EvidenceRevision { get; init; }

    /// <summary>When it was signed. Set by the service and ignored in requests.</summary>
    [ReadOnly(true)]
    public DateTimeOffset? At { get; init; }
}

/// <summary>A signed judgement of one domain.</summary>
internal sealed record SignedJudgement : Signature
{
    public required CertaintyDomain Domain { get; init; }

    public required CertaintyJudgement Judgement { get; init; }
}

/// <summary>The signed level that downgrades start from.</summary>
internal sealed record SignedStart : Signature
{
    /// <summary>Level that the certainty starts at.</summary>
    public required CertaintyLevel Level { get; init; }
}

internal sealed class CertaintyRecordValidator : AbstractValidator<CertaintyRecord>
{
    public CertaintyRecordValidator(IValidator<SignedStart> start, IValidator<SignedJudgement> judgement)
    {
        RuleFor(r => r.StartsAt).SetValidator(start!);
        RuleForEach(r => r.Judgements).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(judgement);
        RuleForEach(r => r.Judgements).Must((record, judgement) => judgement is null || record.Judgements.Count(j => j?.Domain == judgement.Domain) == 1)
            .WithErrorCode("repeatedValue").WithMessage("is one of several judgements of its domain");
    }
}

internal sealed class SignedStartValidator : AbstractValidator<SignedStart>
{
    public SignedStartValidator() => SignatureRules.AddTo(this);
}

internal sealed class SignedJudgementValidator : AbstractValidator<SignedJudgement>
{
    public SignedJudgementValidator() => SignatureRules.AddTo(this);
}

internal static class SignatureRules
{
    public static void AddTo<T>(AbstractValidator<T> validator) where T : Signature
    {
        validator.RuleFor(s => s.Reason).NonBlankMultilineText(2_000);
        validator.RuleFor(s => s.By).OptionalNonBlankLine(300);
        validator.RuleFor(s => s.EvidenceRevision).GreaterThanOrEqualTo(0);
    }
}
