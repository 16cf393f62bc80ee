using System.Text.RegularExpressions;

using FluentValidation;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Sessions;

/// <summary>The rules that a session keeps, beside those of JSON and of its instruments.</summary>
public sealed partial class SessionValidator : AbstractValidator<SessionRequest>
{
    public const int MostMeasures = 100;

    private const int LongestKey = 128;
    private static readonly TimeSpan s_clocksMayDiffer = TimeSpan.FromMinutes(5);

    public SessionValidator(IValidator<MeasureRequest> measures, TimeProvider clock)
    {
        RuleFor(s => s.SourceSystem).Must(BeKey).WithErrorCode("notAKey").WithMessage(WhatAKeyIs);
        RuleFor(s => s.Patient).Must(BeKey).WithErrorCode("notAKey").WithMessage(WhatAKeyIs);
        RuleFor(s => s.Therapist).Must(BeKey).WithErrorCode("notAKey").WithMessage(WhatAKeyIs);
        RuleFor(s => s.Episode).Must(BeKey).WithErrorCode("notAKey").WithMessage(WhatAKeyIs);
        RuleFor(s => s.Session).Must(BeKey).WithErrorCode("notAKey").WithMessage(WhatAKeyIs);
        RuleFor(s => s.SessionNumber).InclusiveBetween(1, 100_000);
        RuleFor(s => s.OccurredAt).Must(at => at is null || at >= new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero)).WithErrorCode("outOfRange").WithMessage("lies before 1950")
            .Must(at => at is null || at <= clock.GetUtcNow() + s_clocksMayDiffer).WithErrorCode("future").WithMessage("lies in the future");
        RuleFor(s => s.Patient).NotNull().WithMessage("is required").When(Measures);
        RuleFor(s => s.OccurredAt).NotNull().WithMessage("is required").When(Measures);
        RuleFor(s => s.Measures).NotEmpty().Must(m => m.Count <= MostMeasures).WithErrorCode("tooMany").WithMessage($"may hold {MostMeasures} measures at the most");
        RuleForEach(s => s.Measures).NotNull().WithErrorCode(FaultCodes.Null).WithMessage("may not be null").SetValidator(measures);
    }

    internal const string WhatAKeyIs = "must be a key of 1 to 128 letters, digits or ._:/-+=|# that names nobody: no free text, no name, no date, no address";

    /// <summary>A key names somebody to its own system only: what looks like a text, a date or an address is none.</summary>
    internal static bool BeKey(string? key) => key is null || (key.Length <= LongestKey && Key().IsMatch(key) && !Date().IsMatch(key));

    // A withdrawal names its measure and nothing else.
    private static bool Measures(SessionRequest session) => session.Measures is { } measures && measures.Any(m => m is { Status: not MeasureStatus.EnteredInError });

    [GeneratedRegex(@"^[A-Za-z0-9._:/+=|#-]+\z", RegexOptions.None, 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"^(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(T.*)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Date();
}

public sealed class MeasureValidator : AbstractValidator<MeasureRequest>
{
    private const int MostItems = 500;

    public MeasureValidator()
    {
        RuleFor(m => m.SourceId).Must(SessionValidator.BeKey).WithErrorCode("notAKey").WithMessage(SessionValidator.WhatAKeyIs);
        RuleFor(m => m.Version).InclusiveBetween(1, 1_000_000_000);
        RuleFor(m => m.Instrument).MaximumLength(64);
        RuleFor(m => m.Scale).MaximumLength(64);
        RuleFor(m => m.Items).Must(items => items is null || items.Count <= MostItems).WithErrorCode("tooMany").WithMessage($"may hold {MostItems} items at the most");
        RuleFor(m => m.Instrument).NotNull().WithMessage("is required").When(m => m.Status != MeasureStatus.EnteredInError);
        RuleFor(m => m.Rater).NotNull().WithMessage("is required: who scored, client or therapist").When(m => m.Status != MeasureStatus.EnteredInError);
    }
}
