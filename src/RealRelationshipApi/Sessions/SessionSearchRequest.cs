using FluentValidation;

namespace RealRelationshipApi.Sessions;

/// <summary>Finds sessions by keys of the caller's own system.</summary>
internal sealed record SessionSearchRequest
{
    /// <summary>Identifies the system that the keys are of.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>Returns all sessions of this patient. Send either this or <c>sourceId</c>.</summary>
    public string? Patient { get; init; }

    /// <summary>Returns the session of this measure.</summary>
    public string? SourceId { get; init; }

    /// <summary>Returns only this session of the patient.</summary>
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
