using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>What a site declares of its source systems. Send all of it: a declaration replaces the one before.</summary>
internal sealed record SourcesRequest
{
    /// <summary>Defaults of single systems.</summary>
    public IReadOnlyList<SourceSystem>? Systems { get; init; }

    /// <summary>Systems that share the keys of patients, sessions and therapists: an equal key is the same person or session. Groups can only grow.</summary>
    public IReadOnlyList<SourceGroup>? Groups { get; init; }

    /// <summary>What your systems call an instrument.</summary>
    public IReadOnlyList<SourceCoding>? Codings { get; init; }
}

internal sealed record SourceSystem
{
    /// <summary>The <c>sourceSystem</c> of its messages.</summary>
    public required string Name { get; init; }

    /// <summary>Time zone of days without a time, such as <c>Europe/Berlin</c> (IANA). Default: that of the key, otherwise UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What orders the versions of a FHIR resource.</summary>
    public VersionOrder VersionOrder { get; init; }

    /// <summary>Key of the therapist of sessions that name none.</summary>
    public string? Therapist { get; init; }
}

/// <summary>What orders the versions of a FHIR resource.</summary>
internal enum VersionOrder
{
    /// <summary><c>meta.versionId</c>, if it is a number.</summary>
    Number,

    /// <summary><c>meta.lastUpdated</c>, even if <c>meta.versionId</c> is a number.</summary>
    Timestamp,
}

internal sealed record SourceGroup
{
    /// <summary>Names of at least two systems.</summary>
    public required IReadOnlyList<string> Systems { get; init; }
}

/// <summary>The canonical URL of a questionnaire, or a code of a code system, for an instrument.</summary>
internal sealed record SourceCoding
{
    /// <summary>Canonical URL of a FHIR Questionnaire. Send either this or <c>system</c> and <c>code</c>.</summary>
    public string? Canonical { get; init; }

    /// <summary>URI of the code system.</summary>
    public string? System { get; init; }

    /// <summary>The code.</summary>
    public string? Code { get; init; }

    /// <summary>Instrument code from <c>GET /instruments</c>.</summary>
    public required string Instrument { get; init; }

    /// <summary>Scale of the code; default <c>total</c>.</summary>
    public string? Scale { get; init; }
}

internal sealed class SourcesValidator : AbstractValidator<SourcesRequest>
{
    private const int MaxItems = 200;

    public SourcesValidator(IValidator<SourceSystem> systems, IValidator<SourceGroup> groups, IValidator<SourceCoding> codings)
    {
        RuleFor(s => s.Systems).MaxCount(MaxItems, "systems");
        RuleFor(s => s.Groups).MaxCount(MaxItems, "groups");
        RuleFor(s => s.Codings).MaxCount(MaxItems, "codings");
        RuleForEach(s => s.Systems).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(systems);
        RuleForEach(s => s.Groups).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(groups);
        RuleForEach(s => s.Codings).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(codings);
    }
}

internal sealed class SourceSystemValidator : AbstractValidator<SourceSystem>
{
    public SourceSystemValidator()
    {
        RuleFor(s => s.Name).IsSourceKey();
        RuleFor(s => s.Therapist).IsSourceKey();
        RuleFor(s => s.TimeZone).Must(zone => zone is null || TimeZones.Find(zone) is not null).WithErrorCode("unknownTimeZone")
            .WithMessage("must be an IANA time zone, such as Europe/Berlin");
    }
}

internal sealed class SourceGroupValidator : AbstractValidator<SourceGroup>
{
    public SourceGroupValidator()
    {
        RuleFor(g => g.Systems).Must(systems => systems.Distinct(StringComparer.Ordinal).Count() > 1).WithErrorCode("tooFew")
            .WithMessage("must name at least two systems");
        RuleForEach(g => g.Systems).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").IsSourceKey();
    }
}

internal sealed class SourceCodingValidator : AbstractValidator<SourceCoding>
{
    public SourceCodingValidator()
    {
        RuleFor(c => c.Canonical)
            .MatchesPattern("^([a-z][a-z0-9+.-]*:|Questionnaire/)[!-{}~]{1,190}$", "must be an absolute URL, or Questionnaire/ with an id, without a version")
            .Must((coding, canonical) => canonical is null != coding.Code is null && canonical is null != coding.System is null).WithErrorCode("oneOfTwo")
            .WithMessage("give either canonical, or system and code");
        RuleFor(c => c.System).MatchesPattern("^[a-z][a-z0-9+.-]*:[!-{}~]{1,190}$", "must be the absolute URI of a code system");
        RuleFor(c => c.Code).MatchesPattern("^[!-{}~]{1,64}$", "must be a code without spaces, of at most 64 characters");
        RuleFor(c => c.Scale).Null().When(c => c.Canonical is not null).WithMessage("belongs to a code: a questionnaire is a whole form");
    }
}
