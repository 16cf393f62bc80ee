using FluentValidation;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Validation rules of a session beyond those of JSON and of instruments.</summary>
internal sealed class SessionValidator : AbstractValidator<SessionRequest>
{
    public const int MaxMeasures = 100;
    public const int MaxSessionNumber = 100_000;

    private static readonly TimeSpan s_clockSkew = TimeSpan.FromMinutes(5);

    // A day begins so much earlier in the easternmost time zone.
    private static readonly TimeSpan s_easternmostOffset = TimeSpan.FromHours(14);

    public SessionValidator(IValidator<MeasureRequest> measures, TimeProvider clock)
    {
        RuleFor(s => s.SourceSystem).NotNull().WithMessage("is required").IsSourceKey();
        RuleFor(s => s.Patient).IsSourceKey();
        RuleFor(s => s.Therapist).IsSourceKey();
        RuleFor(s => s.Episode).IsSourceKey();
        RuleFor(s => s.Session).IsSourceKey();
        RuleFor(s => s.SessionNumber).InclusiveBetween(1, MaxSessionNumber);
        RuleFor(s => s.OccurredAt).Must(at => at is null || at >= new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero)).WithErrorCode("outOfRange")
            .WithMessage("lies before 1950")
            .Must((session, at) => at is null || at <= clock.GetUtcNow() + (session.IsDay ? s_easternmostOffset : s_clockSkew))
            .WithErrorCode("future").WithMessage("lies in the future");
        RuleFor(s => s.Patient).NotNull().WithMessage("is required").When(HasCurrentMeasures);
        RuleFor(s => s.OccurredAt).NotNull().WithMessage("is required").When(HasCurrentMeasures);
        RuleFor(s => s.Measures).NotEmpty().MaxCount(MaxMeasures, "measures");
        RuleForEach(s => s.Measures).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").SetValidator(measures);
    }

    // A withdrawal needs only the key of its measure.
    private static bool HasCurrentMeasures(SessionRequest session) =>
        session.Measures is { } measures && measures.Any(m => m is { Status: not MeasureStatus.EnteredInError });
}

internal sealed class MeasureValidator : AbstractValidator<MeasureRequest>
{
    private const int MaxItems = 500;

    public MeasureValidator()
    {
        RuleFor(m => m.SourceId).IsSourceKey();
        RuleFor(m => m.Version).InclusiveBetween(1, 9_007_199_254_740_992);
        RuleFor(m => m.Instrument).MaximumLength(300);
        RuleFor(m => m.Scale).MaximumLength(64);
        RuleFor(m => m.Items).MaxCount(MaxItems, "items");
        RuleFor(m => m.Instrument).NotNull().WithMessage("is required").When(m => m.Status != MeasureStatus.EnteredInError);
        RuleFor(m => m.Rater).NotNull().WithMessage("is required: who scored, client or therapist").When(m => m.Status != MeasureStatus.EnteredInError);
    }
}
