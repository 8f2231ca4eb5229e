"""The slope of a light curve: magnitudes (AB) a day."""


def handle(alert):
    candidate = alert["candidate"]
    band = candidate["fid"]
    points = [candidate, *(alert["prv_candidates"] or [])]
    points = [(p["jd"], p["magpsf"]) for p in points if p["fid"] == band and p["magpsf"] is not None]
    count = len(points)
    mean_jd = sum(jd for jd, _ in points) / count
    mean_mag = sum(mag for _, mag in points) / count
    spread = sum((jd - mean_jd) * (jd - mean_jd) for jd, _ in points)
    slope = sum((jd - mean_jd) * (mag - mean_mag) for jd, mag in points) / spread if spread > 0 else 0.0
    return {"candid": alert["candid"], "points": count, "slope": slope}
