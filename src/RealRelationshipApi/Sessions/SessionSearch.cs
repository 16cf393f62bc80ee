using FluentValidation;

namespace RealRelationshipApi.Sessions;

/// <summary>Keys of the caller's own systems, by which to find sessions.</summary>
public sealed record SessionSearch
{
    public required string SourceSystem { get; init; }

    /// <summary>Every session of this patient. Either this or <c>sourceId</c>.</summary>
    public string? Patient { get; init; }

    /// <summary>The session of this measure.</summary>
    public string? SourceId { get; init; }

    /// <summary>Only this session.</summary>
    public string? Session { get; init; }
}

public sealed class SessionSearchValidator : AbstractValidator<SessionSearch>
{
    public SessionSearchValidator()
    {
        RuleFor(s => s.SourceSystem).IsKey();
        RuleFor(s => s.Patient).IsKey();
        RuleFor(s => s.SourceId).IsKey();
        RuleFor(s => s.Session).IsKey();
        RuleFor(s => s.Patient).Must((search, patient) => patient is null != search.SourceId is null).WithErrorCode("oneOfTwo").WithMessage("give either patient or sourceId");
    }
}
