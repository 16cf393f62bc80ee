using FluentValidation;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>The outcome of a coding: the stored one, or a problem.</summary>
internal sealed record StudyCodingOutcome(int Status, StudyCodingRow? Coding, Problem? Problem)
{
    internal static StudyCodingOutcome Rejected(Problem problem) => new(problem.Kind.Status, null, problem);
}

/// <summary>Stores codings in a write transaction. Versions are never overwritten.</summary>
internal static class StudyCodingStore
{
    /// <summary>Maximum number of further coders of a study.</summary>
    public const int MaxCoders = 20;

    // The rules of effects depend on nothing of a study but its kind.
    private static readonly Citation s_anyCitation = new() { Authors = "-", Title = "-", Year = 2000 };

    /// <summary>201 for the first coding of a coder, 200 for a further version and for one that is stored already.</summary>
    public static StudyCodingOutcome Submit(WriteTransaction transaction, string key, StudyCodingRequest coding, Submitter submitter,
        IValidator<StudyRequest> studies)
    {
        var study = StudyQueries.Find(transaction.Connection, key, submitter.Viewer);
        if (Refuse(key, study, coding, submitter, studies) is { } problem)
        {
            return StudyCodingOutcome.Rejected(problem);
        }

        var (coder, content) = (StudyCodingRequest.IdOf(coding.Coder), coding.ToCanonicalJson());
        var stored = StudyCodingRow.Latest(transaction.Connection, key);
        var current = stored.FirstOrDefault(row => row.Coder == coder);
        if (current is null && stored.Count >= MaxCoders)
        {
            return Invalid("#/coder", "tooMany", $"a study may have codings of {MaxCoders} coders at the most");
        }

        if (current is not null && current.Tenant != submitter.Tenant && !submitter.IsOperator)
        {
            return StudyCodingOutcome.Rejected(new(ProblemKind.Forbidden, $"The coding by '{coding.Coder}' belongs to another tenant.",
                [new("#/coder", "coderTaken", "is the coder of another tenant's coding of this study")]));
        }

        return current?.Content == content ? new(StatusCodes.Status200OK, current, null)
            : new(current is null ? StatusCodes.Status201Created : StatusCodes.Status200OK,
                new StudyCodingRow(key, coder, (current?.Version ?? 0) + 1, current?.Tenant ?? submitter.Tenant, 0, "", submitter.Actor, content, [])
                    .Insert(transaction), null);
    }

    private static Problem? Refuse(string key, StudyRecord? study, StudyCodingRequest coding, Submitter submitter, IValidator<StudyRequest> studies)
    {
        if (study is null)
        {
            return new(ProblemKind.NotFound, $"There is no study '{key}'.");
        }

        if (study.Status == StudyStatus.Retracted)
        {
            return new(ProblemKind.Gone) { ETag = study.ETag };
        }

        if (study.Tenant != submitter.Tenant && !submitter.IsReviewer && !submitter.IsOperator)
        {
            return new(ProblemKind.Forbidden, "The study belongs to another tenant. Its own tenant and reviewers can code it.");
        }

        if (CodersOf(study).Contains(StudyCodingRequest.IdOf(coding.Coder)))
        {
            return Problem.Invalid([new("#/coder", "sameCoder",
                "coded the study itself: a second coding is that of another person. To change the study's own coding, send PUT to the study.")]);
        }

        return study.Kind == StudyKind.Registered
            ? Problem.Invalid([new("#/effects", "kindMismatch", "a study of kind registered has no effects; with a usable coefficient its kind is primary")])
            : FindEffectErrors(study, coding, studies) is { Count: > 0 } errors ? Problem.Invalid(errors) : null;
    }

    /// <summary>The coders of a study's own effects, as they are compared.</summary>
    internal static IReadOnlySet<string> CodersOf(StudyRecord study) =>
        study.Effects.Select(effect => effect.Coding?.Coder).OfType<string>().Select(StudyCodingRequest.IdOf).ToHashSet(StringComparer.Ordinal);

    private static IReadOnlyList<FieldError> FindEffectErrors(StudyRecord study, StudyCodingRequest coding, IValidator<StudyRequest> studies)
    {
        var coded = new StudyRequest { Key = study.Key, Kind = study.Kind, Citation = s_anyCitation, Effects = coding.Effects };
        return studies.GetErrors(coded) is { Count: > 0 } errors ? errors : Study.From(coded).Errors;
    }

    private static StudyCodingOutcome Invalid(string pointer, string code, string detail) =>
        StudyCodingOutcome.Rejected(Problem.Invalid([new(pointer, code, detail)]));
}
