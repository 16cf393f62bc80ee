using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir;

/// <summary>An instrument and the scale of it that a resource is about.</summary>
internal sealed record Scored(Instrument Instrument, string Scale);

/// <summary>Finds which instrument codes, a form's address, or the items themselves name.</summary>
internal static class InstrumentNames
{
    private static readonly char[] s_separators = ['/', '|', '?', '#'];

    /// <summary>What the codings of a resource name together: each that is known must name the same.</summary>
    public static Scored? ByCodings(this Reading reading, CodeableConcept? concept, string place)
    {
        var codings = concept?.Coding ?? [];
        var named = codings.Select((coding, i) => Find(reading.Instruments, coding, $"{place}.coding[{i}].code")).ToList();
        var known = named.Where(n => n.Scored is not null).Select(n => n.Scored!).DistinctBy(s => (s.Instrument.Code, s.Scale)).ToList();
        switch (known)
        {
            case [var one]:
                return one;
            case []:
                reading.Refuse(named.Find(n => n.Fault is not null).Fault ?? new(place, InstrumentFaults.UnknownInstrument,
                    "names no instrument that is known: use LOINC, a coding that your site declared with POST /instruments, or a code of GET /instruments with system " + FhirNames.Instruments));
                return null;
            default:
                reading.Refuse(place, InstrumentFaults.AmbiguousInstrument, $"names several: {string.Join(", ", known.Select(k => k.Instrument.Code))}");
                return null;
        }
    }

    /// <summary>The instrument of a response: by the form that came with it, by the form's address, or by the codes of the items.</summary>
    public static Instrument? OfResponse(this Reading reading, string? canonical, IEnumerable<string> linkIds, string place)
    {
        FieldError? fault = null;
        var byForm = canonical is null ? null : reading.Neighbours.FormAt(canonical)?.Code.Select(c => Find(reading.Instruments, c, place).Scored).FirstOrDefault(s => s is not null);
        var found = byForm?.Instrument ?? ByAddress(reading.Instruments, canonical, place, out fault)
            ?? linkIds.Select(id => Form.Naming(id)?.Instrument).Where(code => code is not null).Distinct().Select(code => reading.Instruments.Find(code!).Instrument).FirstOrDefault();
        if (found is null)
        {
            reading.Refuse(fault ?? new(place, InstrumentFaults.UnknownInstrument,
                "names no instrument that is known: let the address end with its code (GET /instruments) or its LOINC code, or use LOINC codes as linkIds"));
        }

        return found;
    }

    private static (Scored? Scored, FieldError? Fault) Find(InstrumentSet instruments, Coding coding, string place)
    {
        if (coding.Code is not { } code)
        {
            return (null, null);
        }

        if (string.IsNullOrEmpty(coding.System) || coding.System == FhirNames.Instruments)
        {
            var (name, scale) = code.Split('.', 2) is [var before, var after] ? (before, after) : (code, Instrument.Total);
            var (instrument, unknown) = instruments.Find(name, at: place);
            return (instrument is null ? null : new(instrument, scale), unknown);
        }

        var (named, namedScale, fault) = instruments.FindCoding(coding.System, code, place);
        if (named is null && coding.System == FhirNames.Loinc && Form.Naming(code) is { } form && form.Panel == code)
        {
            (named, namedScale) = (instruments.Find(form.Instrument).Instrument, Instrument.Total);
        }

        return (named is null ? null : new(named, namedScale!), fault);
    }

    // From its end: the last part that is the name of an instrument, its separators left out, or a LOINC code.
    private static Instrument? ByAddress(InstrumentSet instruments, string? canonical, string place, out FieldError? fault)
    {
        fault = null;
        var address = Uri.TryCreate(canonical, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? canonical![uri.GetLeftPart(UriPartial.Authority).Length..] : canonical ?? "";
        foreach (var part in address.Split(s_separators, StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            if (instruments.Current.FirstOrDefault(i => Plain(i.Code) == Plain(part)) is { } named)
            {
                return named;
            }

            var (coded, _, wrong) = instruments.FindCoding(FhirNames.Loinc, part, place);
            if ((coded ?? (Form.Naming(part) is { } form ? instruments.Find(form.Instrument).Instrument : null)) is { } byCode)
            {
                return byCode;
            }

            fault ??= wrong ?? (instruments.Find(part, at: place).Fault is { Code: InstrumentFaults.AmbiguousInstrument } several ? several : null);
        }

        return null;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
