using System.Text.RegularExpressions;

using Hl7.Fhir.Model;

using RealRelationshipApi.Fhir.Parsing.Forms;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>The instrument and scale that a resource reports.</summary>
internal sealed record ScoredScale(Instrument Instrument, string Scale);

/// <summary>Finds an instrument by codings, by the canonical URL of a form, or by the codes of its items.</summary>
internal static partial class InstrumentResolver
{
    /// <summary>The instrument and scale of a resource's codings: all known codings must agree.</summary>
    public static ScoredScale? ResolveCodings(this ResourceReading reading, CodeableConcept? concept, string place)
    {
        var codings = concept?.Coding ?? [];
        var named = codings.Select((coding, i) => FindByCoding(reading.Instruments, coding, $"{place}.coding[{i}].code")).ToList();
        var known = named.Where(n => n.Scored is not null).Select(n => n.Scored!).DistinctBy(s => (s.Instrument.Code, s.Scale)).ToList();
        switch (known)
        {
            case [var one]:
                return one;
            case []:
                reading.AddError(named.Find(n => n.Error is not null).Error ?? new(place, InstrumentErrorCodes.UnknownInstrument,
                    "names no instrument that is known: use LOINC, a coding that your site declared with POST /instruments, or a code of GET /instruments "
                        + "with system " + FhirConstants.InstrumentCodeSystem));
                return null;
            default:
                reading.AddError(place, InstrumentErrorCodes.AmbiguousInstrument, $"names several: {string.Join(", ", known.Select(k => k.Instrument.Code))}");
                return null;
        }
    }

    /// <summary>The instrument of a response, by what the site declared, by the Questionnaire in the bundle, or by its canonical URL; otherwise the error
    /// of a response whose items name no instrument either.</summary>
    public static (Instrument? Form, FieldError? Error) FindQuestionnaire(this ResourceReading reading, string? canonical, string place)
    {
        FieldError? error = null;
        var byQuestionnaire = canonical is null ? null
            : reading.BundleContext.FindQuestionnaire(canonical)?.Code.Select(c => FindByCoding(reading.Instruments, c, place).Scored)
                .FirstOrDefault(s => s is not null);
        var found = (canonical is null ? null : reading.Instruments.FindCanonical(canonical)) ?? byQuestionnaire?.Instrument
            ?? FindByCanonical(reading.Instruments, canonical, place, out error);
        return found is not null ? (found, null)
            : (null, error ?? new(place, InstrumentErrorCodes.UnknownInstrument,
                "names no instrument that is known: declare it with PUT /sources, let the address end with its code (GET /instruments) or its LOINC code, or "
                    + "use LOINC codes as linkIds"));
    }

    /// <summary>The name that a resource has for its instrument.</summary>
    /// <param name="reading">The resource.</param>
    /// <param name="name">The name.</param>
    /// <param name="rater">The rater as sent; null if the instrument determines it.</param>
    /// <param name="scored">What it is by the site's declarations.</param>
    /// <param name="resolve">Finds what a reading takes it for.</param>
    public static InstrumentNaming NamingOf(this ResourceReading reading, string name, ScoreRater? rater, ScoredScale scored,
        Func<ResourceReading, ScoredScale?> resolve)
    {
        var undeclared = reading.Intake.Sources.Content.Codings.Count == 0 ? scored : resolve(reading.WithoutDeclarations());
        return new(name, rater, null, undeclared is null || (undeclared.Instrument.Code, undeclared.Scale) != (scored.Instrument.Code, scored.Scale),
            undeclared?.Instrument, undeclared?.Scale);
    }

    /// <summary>The codings as a name: their order does not matter.</summary>
    public static string NameOf(CodeableConcept? concept) => string.Join('\n',
        (concept?.Coding ?? []).Select(c => $"{c.System}|{c.Code}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static (ScoredScale? Scored, FieldError? Error) FindByCoding(InstrumentSet instruments, Coding coding, string place)
    {
        if (coding.Code is not { } code)
        {
            return (null, null);
        }

        if (string.IsNullOrEmpty(coding.System) || coding.System == FhirConstants.InstrumentCodeSystem)
        {
            var (name, scale) = code.Split('.', 2) is [var before, var after] ? (before, after) : (code, Instrument.Total);
            var (instrument, unknown) = instruments.Find(name, at: place);
            return (instrument is null ? null : new(instrument, scale), unknown);
        }

        var (named, namedScale, error) = instruments.FindCoding(coding.System, code, place);
        if (named is null && coding.System == FhirConstants.LoincCodeSystem && FormQuestions.FindByCode(code) is { } form && form.Panel == code)
        {
            (named, namedScale) = (instruments.Find(form.Instrument).Instrument, Instrument.Total);
        }

        error ??= named is null && coding.System == FhirConstants.LoincCodeSystem && FormQuestions.FindByCode(code) is { } ofItem
            ? new(place, InstrumentErrorCodes.WrongCode,
                $"is one item of {ofItem.Instrument}: send its total, or all items as components of {ofItem.Panel} or in a QuestionnaireResponse")
            : null;
        return (named is null ? null : new(named, namedScale!), error);
    }

    // Matches the last part of the URL, without a trailing version. Folders do not identify a form: every US Core URL contains /core/.
    private static Instrument? FindByCanonical(InstrumentSet instruments, string? canonical, string place, out FieldError? error)
    {
        error = null;
        if (canonical is null || FormNameOf(canonical) is not { } name)
        {
            return null;
        }

        if (instruments.FindByName(name) is { } named)
        {
            return named;
        }

        var (coded, _, codingError) = instruments.FindCoding(FhirConstants.LoincCodeSystem, name, place);
        if ((coded ?? (FormQuestions.FindByCode(name) is { } form ? instruments.Find(form.Instrument).Instrument : null)) is { } byCode)
        {
            return byCode;
        }

        error = codingError ?? (instruments.Find(name, at: place).Error is { Code: InstrumentErrorCodes.AmbiguousInstrument } several ? several : null);
        return null;
    }

    // http://host/folder/phq-9/v2 and Questionnaire/phq-9|2.1 are phq-9, as is CamCOPS's identifier http://host/form|phq9/2.4.15.
    // A query or fragment is part of a form's identity, so such a URL matches no form.
    private static string? FormNameOf(string canonical)
    {
        if (canonical.AsSpan().ContainsAny('?', '#') || canonical.Split('|') is not { Length: <= 2 } halves)
        {
            return null;
        }

        var identity = halves.Length == 2 && !BusinessVersionPattern().IsMatch(halves[1]) ? halves[1] : halves[0];
        var path = Uri.TryCreate(identity, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? identity[uri.GetLeftPart(UriPartial.Authority).Length..] : identity;
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [.., var name, var version] when VersionSegmentPattern().IsMatch(version) => name,
            [.., var name] => name,
            _ => null,
        };
    }

    [GeneratedRegex(@"^v?\d[\w.+-]*\z", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex BusinessVersionPattern();

    [GeneratedRegex(@"^v?\d+([._]\d+)*\z", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex VersionSegmentPattern();
}
