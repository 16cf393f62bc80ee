using FluentValidation;

namespace RealRelationshipApi.Sessions;

/// <summary>Keys of the caller's own systems, by which to find sessions.</summary>
internal sealed record SessionSearchRequest
{
    public required string SourceSystem { get; init; }

    /// <summary>Every session of this patient. Either this or <c>sourceId</c>.</summary>
    public string? Patient { get; init; }

    /// <summary>The session of this measure.</summary>
    public string? SourceId { get; init; }

    /// <summary>Only this session.</summary>
    public string? Session { get; init; }
}

internal sealed class SessionSearchValidator : AbstractValidator<SessionSearchRequest>
{
    public SessionSearchValidator()
    {
        RuleFor(s => s.SourceSystem).IsSourceKey();
        RuleFor(s => s.Patient).IsSourceKey();
        RuleFor(s => s.SourceId).IsSourceKey();
        RuleFor(s => s.Session).IsSourceKey();
        RuleFor(s => s.Patient).Must((search, patient) => patient is null != search.SourceId is null).WithErrorCode("oneOfTwo")
            .WithMessage("give either patient or sourceId");
    }
}
