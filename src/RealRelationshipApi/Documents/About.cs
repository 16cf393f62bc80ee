using FluentValidation;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Documents;

/// <summary>What the service says of its evidence: who is responsible for it, under which licence it may be used, and how it is collected.</summary>
internal sealed record About : Document
{
    public const string DefaultTitle = "The real relationship in psychotherapy: A living meta-analysis";

    public static DocumentType<About> Type { get; } = new("about", new About { Title = DefaultTitle })
    {
        Complete = (sent, _) => sent with { Doi = Studies.Validation.Doi.Normalize(sent.Doi) },
    };

    /// <summary>Title of the data set.</summary>
    public required string Title { get; init; }

    /// <summary>Who is responsible for the content, as <c>Family, Given</c> or the name of an organisation; the authors of citations.</summary>
    public IReadOnlyList<string> Curators { get; init; } = [];

    /// <summary>Address for questions: an e-mail address, or an address of the web.</summary>
    public string? Contact { get; init; }

    /// <summary>Licence of the data: a name such as <c>CC-BY-4.0</c>, or the address of its text.</summary>
    public string? Licence { get; init; }

    /// <summary>DOI of the data set, as <c>10.5281/zenodo.1234567</c>; in a request also after <c>doi:</c> or as an address of doi.org.</summary>
    public string? Doi { get; init; }

    /// <summary>Protocol or registration of the review.</summary>
    public string? Protocol { get; init; }

    /// <summary>How studies are searched for.</summary>
    public LiteratureSearch? Search { get; init; }

    /// <summary>When the review ends, or is no longer updated.</summary>
    public string? StoppingRule { get; init; }

    /// <summary>Conflicts of interest of the curators.</summary>
    public string? Conflicts { get; init; }
}

/// <summary>How studies are searched for.</summary>
internal sealed record LiteratureSearch
{
    /// <summary>Databases, registers and journals.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Search strings.</summary>
    public IReadOnlyList<string> Strings { get; init; } = [];

    /// <summary>When the search was last run.</summary>
    public DateOnly? LastSearched { get; init; }

    /// <summary>How often the search is repeated.</summary>
    public string? Cadence { get; init; }
}

internal sealed class AboutValidator : AbstractValidator<About>
{
    private const int MaxLineLength = 300;
    private const int MaxTextLength = 5_000;

    public AboutValidator(IValidator<LiteratureSearch> search)
    {
        RuleFor(a => a.Title).OptionalNonBlankLine(MaxLineLength);
        RuleFor(a => a.Curators).MaxCount(50, "curators");
        RuleForEach(a => a.Curators).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").OptionalNonBlankLine(MaxLineLength);
        RuleFor(a => a.Contact).OptionalNonBlankLine(MaxLineLength);
        RuleFor(a => a.Licence).OptionalNonBlankLine(MaxLineLength);
        RuleFor(a => a.Doi).MaximumLength(Doi.MaxLength).MatchesPattern(Doi.Pattern, Doi.Message);
        RuleFor(a => a.Protocol).OptionalNonBlankLine(MaxTextLength);
        RuleFor(a => a.Search).SetValidator(search!);
        RuleFor(a => a.StoppingRule).OptionalMultilineText(MaxTextLength);
        RuleFor(a => a.Conflicts).OptionalMultilineText(MaxTextLength);
    }
}

internal sealed class LiteratureSearchValidator : AbstractValidator<LiteratureSearch>
{
    private const int MaxLineLength = 300;
    private const int MaxStringLength = 5_000;

    public LiteratureSearchValidator(TimeProvider clock)
    {
        RuleFor(s => s.Sources).MaxCount(100, "sources");
        RuleForEach(s => s.Sources).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").OptionalNonBlankLine(MaxLineLength);
        RuleFor(s => s.Strings).MaxCount(50, "strings");
        RuleForEach(s => s.Strings).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").OptionalMultilineText(MaxStringLength);
        RuleFor(s => s.Cadence).OptionalNonBlankLine(MaxLineLength);
        // The day may have begun elsewhere.
        RuleFor(s => s.LastSearched).Must(date => date is null || date <= DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1))
            .WithErrorCode("future").WithMessage("lies in the future");
    }
}
