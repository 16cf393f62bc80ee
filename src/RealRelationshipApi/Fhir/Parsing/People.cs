using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir;

/// <summary>Who a score is of: whom, by whom, in whose session.</summary>
/// <param name="Patient">Key of the patient.</param>
/// <param name="Rater">Who scored.</param>
/// <param name="Therapist">Key of the therapist.</param>
/// <param name="Session">Key of the session.</param>
/// <param name="Episode">Key of the treatment.</param>
/// <param name="SessionNumber">As the resource, or the visit, says.</param>
internal sealed record Roles(string? Patient, ScoreRater? Rater, string? Therapist, string? Session, string? Episode, long? SessionNumber);

/// <summary>Reads the persons and the visit of a resource.</summary>
internal static class People
{
    private static readonly string[] s_practitioners = ["Practitioner", "PractitionerRole"];

    /// <param name="reading">The resource.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="subject">The patient.</param>
    /// <param name="encounter">The session.</param>
    /// <param name="raters">Who may have scored, with where they stand: a patient among them scored; a practitioner is the therapist.</param>
    /// <param name="scored">What was scored; where only one side can, that one did.</param>
    public static Roles Roles(this Reading reading, DomainResource resource, ResourceReference? subject, ResourceReference? encounter, IReadOnlyList<(ResourceReference Reference, string Place)> raters, Scored? scored)
    {
        var ratersPlace = raters.Count > 0 ? raters[0].Place : $"{reading.At}.{(resource is Observation ? "performer" : "source")}";
        reading.Stands("#/patient", $"{reading.At}.subject");
        reading.Stands("#/session", $"{reading.At}.encounter");
        reading.Stands("#/measures/0/rater", ratersPlace);
        var patient = reading.Follow(subject, $"{reading.At}.subject", "Patient");
        var session = reading.Follow(encounter, $"{reading.At}.encounter", "Encounter");
        var (isByPatient, therapist) = Raters(reading, raters, patient);
        var visit = session?.Resource as Encounter;
        var number = reading.SessionNumber(resource, reading.At) ?? (visit is null ? null : reading.SessionNumber(visit, $"{reading.At}.encounter.resolve()"));
        return new(patient?.Key, RaterOf(reading, scored, isByPatient, therapist is not null, ratersPlace), therapist ?? OfVisit(reading, visit), session?.Key, Episode(reading, visit), number);
    }

    private static (bool IsByPatient, string? Therapist) Raters(Reading reading, IReadOnlyList<(ResourceReference Reference, string Place)> raters, Named? patient)
    {
        var (isByPatient, therapist) = (false, (string?)null);
        foreach (var (reference, place) in raters)
        {
            switch (reading.Follow(reference, place))
            {
                case { Type: "Patient" } by:
                    isByPatient = true;
                    if (patient is not null && by.Key != patient.Key)
                    {
                        reading.Refuse(place, InstrumentFaults.WrongRater, "is another patient than the subject");
                    }

                    break;
                case { Type: { } type } by when s_practitioners.Contains(type):
                    if (therapist is null)
                    {
                        therapist = by.Key;
                        reading.Stands("#/therapist", place);
                    }

                    break;
                case { Type: "RelatedPerson" }:
                    reading.Refuse(place, InstrumentFaults.WrongRater, "is neither the patient nor a practitioner: only what client or therapist scored is taken");
                    break;
                case { Type: null } by when by.Key == patient?.Key:
                    isByPatient = true;
                    break;
                case { Type: null }:
                    reading.Refuse(place, FhirFaults.WrongType, "does not tell of what type it is: add Reference.type");
                    break;
                default:
                    // An organization or a device scores nothing.
                    break;
            }
        }

        return (isByPatient, therapist);
    }

    private static ScoreRater? RaterOf(Reading reading, Scored? scored, bool isByPatient, bool hasPractitioner, string place)
    {
        if (isByPatient)
        {
            return ScoreRater.Client;
        }

        if (scored?.Instrument.Raters is [var only])
        {
            return only;
        }

        if (!hasPractitioner && scored is not null)
        {
            reading.Refuse(place, FaultCodes.Required, $"is required: {scored.Instrument.Code} is scored by client or therapist, and nothing says by whom");
        }

        return hasPractitioner ? ScoreRater.Therapist : null;
    }

    private static string? OfVisit(Reading reading, Encounter? visit)
    {
        var place = $"{reading.At}.encounter.resolve().participant";
        foreach (var participant in visit?.Participant ?? [])
        {
            if (reading.Follow(participant.Individual, place) is { Type: { } type, Key: var key } && s_practitioners.Contains(type))
            {
                reading.Stands("#/therapist", place);
                return key;
            }
        }

        return null;
    }

    private static string? Episode(Reading reading, Encounter? visit)
    {
        var place = $"{reading.At}.encounter.resolve().episodeOfCare";
        reading.Stands("#/episode", place);
        return reading.Follow(visit?.EpisodeOfCare.FirstOrDefault(), place, "EpisodeOfCare")?.Key;
    }
}
